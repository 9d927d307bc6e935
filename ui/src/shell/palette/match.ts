/** How well a name answers what was typed. */
import { initials } from "./initials";

/** What can be found: its name, and other words under which somebody may look for it. */
export type Findable = { name: string; also: string[] };

/** How much better the name itself is than another word. */
const OF_NAME = 10;

/** The greater, the better; null where it does not fit. */
function closeness(text: string, asked: string): number | null {
  const lower = text.toLowerCase();
  const at = lower.indexOf(asked);
  if (at === 0) return 100 - Math.min(lower.length - asked.length, 20) / 10;
  if (at > 0) return /[\p{Letter}\p{Number}]/u.test(lower[at - 1] ?? "") ? 60 : 80;
  const letters = initials(lower);
  if (letters.startsWith(asked)) return 70;
  if (letters.includes(asked)) return 50;
  return isScattered(lower, asked) ? 20 : null;
}

/** Whether all letters are there in their order, the first of them at the beginning of a word. */
function isScattered(text: string, asked: string): boolean {
  const words = text.matchAll(/[\p{Letter}\p{Number}]+/gu);
  return [...words].some(({ index }) => {
    let rest = asked;
    for (const letter of text.slice(index)) {
      if (letter === rest[0]) rest = rest.slice(1);
      else if (rest === asked) return false;
      if (rest === "") return true;
    }
    return false;
  });
}

function score({ name, also }: Findable, asked: string[]): number | null {
  let sum = 0;
  for (const word of asked) {
    const own = closeness(name, word);
    const others = also.flatMap((text) => closeness(text, word) ?? []);
    const best = Math.max(own === null ? -1 : own + OF_NAME, ...others);
    if (best < 0) return null;
    sum += best;
  }
  return sum;
}

/** Those that fit each word of what was typed, the best first; all of them where nothing was. */
export function found<F extends Findable>(all: F[], typed: string): F[] {
  const asked = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (asked.length === 0) return all;
  return all
    .flatMap((one) => {
      const points = score(one, asked);
      return points === null ? [] : [{ one, points }];
    })
    .toSorted((a, b) => b.points - a.points)
    .map(({ one }) => one);
}
