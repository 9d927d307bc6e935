/** Turns what a QR code says into one path, sharp at every size. */
import { encode } from "uqr";

/** Modules of white around the code; readers need four. */
const QUIET = 4;

/** A square of `size` modules, the white around the code included, and its black ones as a path. */
export type Drawing = { size: number; path: string };

/** Each run of black modules of a row is one rectangle. */
export function draw(text: string): Drawing {
  const { data, size } = encode(text, { ecc: "M", border: 0 });
  const path = data.flatMap((row, y) =>
    runs(row).map(([from, to]) => rectangle(from, y, to - from)),
  );
  return { size: size + 2 * QUIET, path: path.join("") };
}

function rectangle(x: number, y: number, width: number): string {
  return `M${x + QUIET} ${y + QUIET}h${width}v1h-${width}z`;
}

/** Where black begins and ends. */
function runs(row: boolean[]): [from: number, to: number][] {
  const found: [number, number][] = [];
  let from: number | null = null;
  for (const [x, black] of [...row, false].entries()) {
    if (black && from === null) from = x;
    if (!black && from !== null) {
      found.push([from, x]);
      from = null;
    }
  }
  return found;
}
