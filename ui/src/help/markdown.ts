/** Reads the Markdown of `docs`, as far as its pages use it. */

/** A piece of a line. */
export type Piece =
  | { is: "text" | "code" | "strong"; text: string }
  | { is: "link"; text: string; to: string };

/** A part of a page. */
export type Block =
  | { is: "heading"; depth: number; text: string }
  | { is: "paragraph"; text: string }
  | { is: "list"; items: string[] }
  | { is: "code"; text: string }
  | { is: "table"; rows: string[][] };

/** The parts of a page in their order. */
export function blocks(source: string): Block[] {
  const found: Block[] = [];
  const lines = source.split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const last = found.at(-1);
    const heading = /^(#+) (.*)$/.exec(line);
    if (line.startsWith("```")) {
      const end = lines.indexOf("```", at + 1);
      found.push({ is: "code", text: lines.slice(at + 1, end).join("\n") });
      at = end;
    } else if (heading) {
      found.push({ is: "heading", depth: heading[1]?.length ?? 1, text: heading[2] ?? "" });
    } else if (line.startsWith("|")) {
      // The line under the head only divides.
      if (/^[|\s-]+$/.test(line)) continue;
      if (last?.is === "table") last.rows.push(cells(line));
      else found.push({ is: "table", rows: [cells(line)] });
    } else if (line.startsWith("- ")) {
      if (last?.is === "list") last.items.push(line.slice(2));
      else found.push({ is: "list", items: [line.slice(2)] });
    } else if (line.trim() === "") {
      if (last?.is === "paragraph") found.push({ is: "paragraph", text: "" });
    } else if (last?.is === "list" && line.startsWith(" ")) {
      last.items.push(joined(last.items.pop() ?? "", line.trim()));
    } else if (last?.is === "paragraph") {
      last.text = joined(last.text, line);
    } else {
      found.push({ is: "paragraph", text: line });
    }
  }
  return found.filter((block) => block.is !== "paragraph" || block.text !== "");
}

/** Lines of Chinese have no blank between them. */
function joined(before: string, line: string): string {
  if (before === "") return line;
  const isLatin = /[\x20-\x7e]$/.test(before) || /^[\x20-\x7e]/.test(line);
  return isLatin ? `${before} ${line}` : before + line;
}

function cells(row: string): string[] {
  const bare = row.replace(/^\| ?/, "").replace(/ ?\|$/, "");
  return bare.split(/ ?(?<!\\)\| ?/).map((cell) => cell.replaceAll("\\|", "|"));
}

const PIECE = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)]+)\)/g;

/** The pieces of a line in their order. */
export function pieces(line: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of line.matchAll(PIECE)) {
    const [whole, code, strong, text, to] = match;
    if (match.index > end) found.push({ is: "text", text: line.slice(end, match.index) });
    if (code !== undefined) found.push({ is: "code", text: code });
    else if (strong !== undefined) found.push({ is: "strong", text: strong });
    else found.push({ is: "link", text: text ?? "", to: to ?? "" });
    end = match.index + whole.length;
  }
  if (end < line.length) found.push({ is: "text", text: line.slice(end) });
  return found;
}
