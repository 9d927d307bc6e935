/** Parts of the pages, each a file that comes when it is needed. */

const ASK_AGAIN_MS = 1000;

let tellFailure: () => void = () => undefined;
const failure = new Promise<void>((resolve) => {
  tellFailure = resolve;
});

/**
 * Loads a part. One that does not come, since perpetua is away or another version by now, is never there: what
 * belongs to it may be half there, and not every browser asks for it again. Only a page that is loaded anew is whole;
 * who shows somebody waiting does that at the end of `untilReloadHelps`.
 */
export async function part<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch {
    tellFailure();
    return new Promise(() => undefined);
  }
}

/** Over when a part did not come and perpetua answers. */
export async function untilReloadHelps(): Promise<void> {
  await failure;
  for (;;) {
    const answer = await fetch("/", { method: "HEAD", cache: "no-store" }).catch(() => null);
    if (answer?.ok) return;
    await new Promise((passed) => setTimeout(passed, ASK_AGAIN_MS));
  }
}
