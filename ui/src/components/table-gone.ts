/** What the removal of one of a list took out of the text of the settings; pure. */

const IS_HEADER = /^\s*\[/;
const SAYS_NOTHING = /^\s*(#.*)?$/;

/** A table of a list: its header, and a line that only the one that is meant has. */
export type Table = { header: RegExp; own: RegExp };

/** Whether the lines are the table that is meant, with nothing of another one's. */
function isTable({ header: wanted, own }: Table, lines: string[]): boolean {
  const [header, ...rest] = lines.filter((line) => !SAYS_NOTHING.test(line));
  return (
    header !== undefined &&
    wanted.test(header) &&
    !rest.some((line) => IS_HEADER.test(line)) &&
    rest.some((line) => own.test(line))
  );
}

/**
 * The table, if that is all by which the two texts differ; null: somebody else has changed something as well, or it was
 * written in another way.
 */
export function tableGone(table: Table, before: string, after: string): string | null {
  const [had, has] = [before.split("\n"), after.split("\n")];
  const count = had.length - has.length;
  let from = 0;
  while (from < has.length && had[from] === has[from]) from += 1;
  if (count <= 0 || had.slice(from + count).join("\n") !== has.slice(from).join("\n")) return null;
  // Tables that begin alike leave it open which lines are gone: those before would do too.
  for (; from >= 0; from -= 1) {
    const gone = had.slice(from, from + count);
    if (isTable(table, gone)) return gone.join("\n");
    if (had[from - 1] !== had[from - 1 + count]) return null;
  }
  return null;
}
