/** Colours for the few kinds of text that frameworks are set up with: names, texts, remarks. */

/** A run of letters of one kind. */
export type Piece = { kind: "name" | "text" | "remark" | "plain"; text: string };

/** What stands before a value in each kind of text. */
const NAME: Record<string, RegExp> = {
  dotenv: /^([A-Za-z_]\w*)(?==)/,
  yaml: /^([ \t]*(?:- )?)([\w.@/~-]+)(?=:)/,
  json: /^([ \t]*)("[^"]*")(?=\s*:)/,
};
const REMARK = /^\s*(#|\/\/)/;
const TEXT = /("[^"]*"|'[^']*')/;

/** The text in pieces that give the text again when they are put together. */
export function paint(text: string, language: string): Piece[] {
  const name = NAME[language];
  if (!name) return [{ kind: "plain", text }];
  const lines = text.split("\n");
  return lines.flatMap((line, place) => {
    const end: Piece[] = place < lines.length - 1 ? [{ kind: "plain", text: "\n" }] : [];
    return [...paintLine(line, name), ...end];
  });
}

function paintLine(line: string, name: RegExp): Piece[] {
  if (REMARK.test(line)) return [{ kind: "remark", text: line }];
  const found = name.exec(line);
  const [before, named] =
    found?.[2] === undefined ? ["", found?.[1] ?? ""] : [found[1] ?? "", found[2]];
  const rest = line.slice(before.length + named.length);
  const pieces: Piece[] = [
    { kind: "plain", text: before },
    { kind: "name", text: named },
    ...rest.split(TEXT).map((text, place): Piece => ({ kind: place % 2 ? "text" : "plain", text })),
  ];
  return pieces.filter(({ text }) => text !== "");
}
