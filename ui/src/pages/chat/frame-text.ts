/** A frame as JSON in colours. It is shown as it was sent: nothing is sorted, rounded, or left out unseen. */

/** What a piece of JSON is. */
export type PieceKind = "key" | "string" | "other" | "cut";

/** A piece; `cut` stands for what is folded away. */
export type Piece = { kind: PieceKind; text: string };

/** Strings longer than this are cut until somebody unfolds them. */
const LONGEST = 120;
const HEAD = 80;

const TOKEN = /"(?:[^"\\]|\\.)*"|[^"]+|"/gs;

/** The pieces of a frame, and whether some of it is folded away. */
export function pieces(frame: string, whole: boolean): { pieces: Piece[]; isCut: boolean } {
  const found: Piece[] = [];
  let isCut = false;
  const tokens = frame.match(TOKEN) ?? [];
  tokens.forEach((token, place) => {
    if (!token.startsWith('"') || token === '"') {
      found.push({ kind: "other", text: token });
      return;
    }
    const kind = /^\s*:/.test(tokens[place + 1] ?? "") ? "key" : "string";
    if (token.length <= LONGEST) {
      found.push({ kind, text: token });
      return;
    }
    isCut = true;
    if (whole) found.push({ kind, text: token });
    else
      found.push(
        { kind, text: token.slice(0, HEAD) },
        { kind: "cut", text: "…" },
        { kind, text: '"' },
      );
  });
  return { pieces: found, isCut };
}

/** What an event is, as `message.group`; what an action is called. Null where the frame does not say. */
export function titleOf(frame: string): string | null {
  try {
    const { post_type, action, ...rest } = JSON.parse(frame) as Record<string, unknown>;
    // Some events have an `action`, too, such as the words of a poke.
    if (typeof post_type !== "string") return typeof action === "string" ? action : null;
    const detail = rest[`${post_type}_type`];
    return typeof detail === "string" ? `${post_type}.${detail}` : post_type;
  } catch {
    return null;
  }
}
