/** Parts of the pages, each a file that comes when it is needed. */
import { losesSomething, mayReload, reload } from "./reload";

const ASK_AGAIN_MS = 1000;

/** A part did not come. What belongs to it may be half there, and no browser asks for it again: only a page that is loaded anew is whole. */
let isIncomplete = false;

/**
 * Loads a part. One that does not come, since perpetua is away or another version by now, is waited for until
 * perpetua answers; then the page loads itself anew. It fails where that would lose what somebody has typed, or has
 * just been done in vain.
 */
export async function part<T>(load: () => Promise<T>): Promise<T> {
  try {
    if (!isIncomplete) return await load();
  } catch {
    isIncomplete = true;
  }
  await answering();
  if (!mayReload() || losesSomething()) throw new Error("a part of the page did not come");
  reload();
  return new Promise(() => undefined);
}

async function answering(): Promise<void> {
  for (;;) {
    const answer = await fetch("/", { method: "HEAD", cache: "no-store" }).catch(() => null);
    if (answer?.ok) return;
    await new Promise((passed) => setTimeout(passed, ASK_AGAIN_MS));
  }
}
