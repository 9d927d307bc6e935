/**
 * Names and words from outside may not turn the direction of a line, begin one of their own, or hide
 * letters in it. The same letters as in the catalogue of the program.
 */
const HARMFUL = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/** The text with each such letter replaced by a sign that says so. */
export function harmless(text: string): string {
  return text.replace(HARMFUL, "\ufffd");
}

/** A joiner within an emoji, such as that of a family: it hides nothing. */
const JOINED =
  /(?<=\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?)\u200d(?=\p{Extended_Pictographic})/gu;

/** The same for a name, whose emoji stay whole. */
export function harmlessName(name: string): string {
  return name.split(JOINED).map(harmless).join("\u200d");
}
