/** A message as one line of text, for lists and quotes. */
import type { ChatSegment } from "../../generated/schema";
import { never } from "../../state/standing";
import { harmlessName } from "../../words/harmless";
import type { Words } from "../../words/words";
import { readMessage } from "./cq";

/** What a piece that is no text is called; nothing for what a quote shows. */
export function pieceWord(piece: Exclude<ChatSegment, { type: "text" }>, words: Words): string {
  switch (piece.type) {
    case "at":
      return `@${harmlessName(piece.target?.name ?? words.t("talk.everybody"))}`;
    case "reply":
      return "";
    case "image":
      return words.t("talk.picture");
    case "face":
      return words.t("talk.face", { id: piece.id });
    case "other":
      return `[${harmlessName(piece.kind)}]`;
    default:
      return never(piece);
  }
}

const oneLine = (text: string) => harmlessName(text.replace(/\s+/g, " "));

/** The whole message. */
export function plainText(segments: readonly ChatSegment[], words: Words): string {
  return segments
    .map((piece) => (piece.type === "text" ? oneLine(piece.text) : pieceWord(piece, words)))
    .join("")
    .trim();
}

/** The same of a message that is known by its CQ codes only; `nameOf` is whom a number means. */
export function plainCode(message: string, words: Words, nameOf: (id: number) => string): string {
  return readMessage(message)
    .map(({ kind, data }) => {
      if (kind === "text") return oneLine(data["text"] ?? "");
      if (kind === "image") return words.t("talk.picture");
      if (kind === "reply") return "";
      if (kind !== "at") return `[${kind}]`;
      const name = data["qq"] === "all" ? words.t("talk.everybody") : nameOf(Number(data["qq"]));
      return `@${harmlessName(name)}`;
    })
    .join("")
    .trim();
}
