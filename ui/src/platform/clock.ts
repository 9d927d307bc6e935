/**
 * The page's own clock: the system's time when it was last set, and what has passed since then by a
 * clock that nobody can turn. A deadline stays as far away as it is when the system's time is changed.
 */

/** The system's time may be corrected by so much without being another one. */
const MOST_MS = 2000;

let origin = Date.now() - performance.now();

/** The time in milliseconds since 1970. It never goes back, unless it is set. */
export function now(): number {
  return origin + performance.now();
}

/** Takes the system's time as it is now. Times of before are of another clock then. */
export function setClock(): void {
  origin = Date.now() - performance.now();
}

/** By how much the system's time was turned since then, in milliseconds; 0 for what is no turn. */
export function turnedBy(): number {
  const turned = Date.now() - now();
  return Math.abs(turned) > MOST_MS ? turned : 0;
}
