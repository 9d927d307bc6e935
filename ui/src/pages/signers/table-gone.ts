/** What a signer's removal took out of the text of the settings; pure. */

const IS_HEADER = /^\s*\[/;
const SAYS_NOTHING = /^\s*(#.*)?$/;

/** Whether the lines are the table of this signer, with nothing of another one's. */
function isTableOf(name: string, lines: string[]): boolean {
  const [header, ...rest] = lines.filter((line) => !SAYS_NOTHING.test(line));
  return (
    header !== undefined &&
    /^\s*\[\[\s*signers\s*\]\]/.test(header) &&
    !rest.some((line) => IS_HEADER.test(line)) &&
    rest.some((line) => new RegExp(`^\\s*name\\s*=\\s*["']${name}["']`).test(line))
  );
}

/**
 * The table of a signer, if that is all by which the two texts differ; null: somebody else has changed something
 * as well, or it was written in another way. A name needs no escaping in a pattern: it is letters, digits, `-`, `_`.
 */
export function tableGone(name: string, before: string, after: string): string | null {
  const [had, has] = [before.split("\n"), after.split("\n")];
  const count = had.length - has.length;
  let from = 0;
  while (from < has.length && had[from] === has[from]) from += 1;
  if (count <= 0 || had.slice(from + count).join("\n") !== has.slice(from).join("\n")) return null;
  // Tables that begin alike leave it open which lines are gone: those before would do too.
  for (; from >= 0; from -= 1) {
    const gone = had.slice(from, from + count);
    if (isTableOf(name, gone)) return gone.join("\n");
    if (had[from - 1] !== had[from - 1 + count]) return null;
  }
  return null;
}
