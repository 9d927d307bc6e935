/**
 * The string of text and CQ codes that OneBot v11 has for a message, and its pieces. The same rules as in
 * the program: what is not quite a code is text, and each escape is read once.
 */

/** One piece of a message. A run of text has the kind `text` and its words in `text`. */
export type Segment = { kind: string; data: Record<string, string> };

const NAME = /^[A-Za-z0-9_.-]+$/;

/** A run of plain text. */
export function textSegment(text: string): Segment {
  return { kind: "text", data: { text } };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("[", "&#91;").replaceAll("]", "&#93;");
}

/** `&amp;` comes last, so that what it yields is not read once more. */
function plain(text: string): string {
  return text
    .replaceAll("&#44;", ",")
    .replaceAll("&#91;", "[")
    .replaceAll("&#93;", "]")
    .replaceAll("&amp;", "&");
}

function readCode(inside: string): Segment | null {
  const [kind = "", ...parts] = inside.replace(/,$/, "").split(",");
  if (!NAME.test(kind)) return null;
  const data: Record<string, string> = {};
  for (const part of parts) {
    const equals = part.indexOf("=");
    const name = part.slice(0, Math.max(0, equals));
    if (!NAME.test(name)) return null;
    data[name] = plain(part.slice(equals + 1));
  }
  return { kind, data };
}

/** The pieces of a message. */
export function readMessage(message: string): Segment[] {
  const segments: Segment[] = [];
  let run = "";
  let place = 0;
  const endText = () => {
    if (run) segments.push(textSegment(plain(run)));
    run = "";
  };
  while (place < message.length) {
    const begin = message.indexOf("[", place);
    if (begin < 0) break;
    run += message.slice(place, begin);
    const end = message.startsWith("[CQ:", begin) ? message.indexOf("]", begin) : -1;
    const segment = end < 0 ? null : readCode(message.slice(begin + "[CQ:".length, end));
    if (segment) {
      endText();
      segments.push(segment);
      place = end + 1;
    } else {
      run += "[";
      place = begin + 1;
    }
  }
  run += message.slice(place);
  endText();
  return segments;
}

/** The string that stands for the pieces. */
export function writeMessage(segments: readonly Segment[]): string {
  return segments
    .map(({ kind, data }) => {
      if (kind === "text") return escaped(data["text"] ?? "");
      const values = Object.entries(data).map(
        ([name, value]) => `,${name}=${escaped(value).replaceAll(",", "&#44;")}`,
      );
      return `[CQ:${kind}${values.join("")}]`;
    })
    .join("");
}
