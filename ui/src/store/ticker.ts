/** One clock for all that counts: once a second, on the second, and only while somebody looks. */
import { useSyncExternalStore } from "react";
import { now as timeNow } from "../platform/clock";

const readers = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;
let now = timeNow();

function tick(): void {
  now = timeNow();
  timer = setTimeout(tick, 1000 - (now % 1000));
  for (const reader of readers) reader();
}

/** Ticks now: the clock has been set. */
export function tickNow(): void {
  clearTimeout(timer);
  if (readers.size > 0) tick();
}

function subscribe(reader: () => void): () => void {
  readers.add(reader);
  if (readers.size === 1) {
    now = timeNow();
    timer = setTimeout(tick, 1000 - (now % 1000));
  }
  return () => {
    readers.delete(reader);
    if (readers.size === 0) clearTimeout(timer);
  };
}

/**
 * Between ticks every reader sees the same time. Without readers nothing ticks; whoever reads then
 * gets a time that is less than a second old, and the same one twice.
 */
function read(): number {
  if (readers.size === 0 && Math.abs(timeNow() - now) >= 1000) now = timeNow();
  return now;
}

/** The time in milliseconds since 1970, anew each second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, read);
}
