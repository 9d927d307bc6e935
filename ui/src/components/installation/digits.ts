/** Comparing SHA-256 values by eye and by paste. */

/** The 64 digits in 8 groups of 8. */
export function groups(sha256: string): string[] {
  return sha256.match(/.{1,8}/g) ?? [];
}

/** How a pasted text compares: only its digits count. `at` is the first that differs. */
export type Comparison =
  | { is: "nothing" | "equal" }
  | { is: "different"; at: number }
  | { is: "incomplete"; digits: number };

/** Pages write it with spaces, colons, a file name behind it, or in capitals. */
export function compare(sha256: string, pasted: string): Comparison {
  const text = pasted.trim().replace(/^sha-?256\s*[:=]?\s*/i, "");
  if (text === "") return { is: "nothing" };
  const found = /^[0-9a-f]{64}(?![0-9a-f])/i.exec(text)?.[0] ?? text.replace(/[^0-9a-f]/gi, "");
  const digits = found.toLowerCase();
  for (let at = 0; at < Math.min(digits.length, 64); at += 1) {
    if (digits[at] !== sha256[at]) return { is: "different", at };
  }
  if (digits.length < 64) return { is: "incomplete", digits: digits.length };
  return digits.length === 64 ? { is: "equal" } : { is: "different", at: 64 };
}
