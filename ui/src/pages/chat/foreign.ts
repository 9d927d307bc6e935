/**
 * Texts of a chat come from anybody. Letters that turn the direction of a line or hide something are
 * replaced as everywhere; the ends of lines, and what joins the parts of one emoji, stay.
 */
import { harmlessName } from "../../words/harmless";

/** A text of several lines. */
export function foreignText(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map((part) => harmlessName(part.replaceAll("\t", "    ")))
    .join("\n");
}

const segmenter = new Intl.Segmenter();

/** The first `most` letters of a text as people count them, or null if it is not longer. */
export function shortened(text: string, most: number): string | null {
  if (text.length <= most) return null;
  let counted = 0;
  for (const { index } of segmenter.segment(text.slice(0, most * 16))) {
    if (counted === most) return text.slice(0, index);
    counted += 1;
  }
  return null;
}
