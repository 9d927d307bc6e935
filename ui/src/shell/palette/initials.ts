/**
 * The first letters of the pinyin of a text, without a dictionary: in the order of pinyin, a character
 * stands between the first one of its letter and the first one of the next.
 */

const order = new Intl.Collator("zh-CN-u-co-pinyin");

/** The first character of each letter in that order; no syllable begins with i, u or v. */
const FIRST = [..."阿八嚓哒妸发旮哈讥咔垃妈拏噢妑七呥仨他穵夕丫帀"];
const LETTERS = "abcdefghjklmnopqrstwxyz";

/** An engine without Chinese collation sorts by code, and knows no pinyin. */
const knowsPinyin = FIRST.every(
  (first, place) => place === 0 || order.compare(FIRST[place - 1] ?? "", first) < 0,
);

const PARTS = /\p{Script=Han}|[\p{Letter}\p{Number}]+/gu;
const HAN = /^\p{Script=Han}/u;

/** `值班助手 main` is `zbzsm`: one letter for each character, and for each word in other letters. */
export function initials(text: string): string {
  const parts = text.match(PARTS) ?? [];
  return parts.map((part) => (HAN.test(part) ? letterOf(part) : part.slice(0, 1))).join("");
}

function letterOf(character: string): string {
  if (!knowsPinyin) return "";
  const after = FIRST.findIndex((first) => order.compare(first, character) > 0);
  return LETTERS.at(after === -1 ? -1 : after - 1) ?? "";
}
