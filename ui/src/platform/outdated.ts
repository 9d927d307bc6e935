/** Whether perpetua has other pages by now than the one that is open. */

const ANSWER_MS = 10_000;

/** The address of the script that a page begins with; its name changes with each build. */
function script(page: Document): string | null {
  return page.querySelector('script[type="module"][src]')?.getAttribute("src") ?? null;
}

/** Asks for the page anew. Whoever does not answer tells nothing. */
export async function isOutdated(signal: AbortSignal): Promise<boolean> {
  try {
    const own = script(document);
    if (own === null) return false;
    const response = await fetch("/", {
      headers: { Accept: "text/html" },
      cache: "no-store",
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    return response.ok && !(await response.text()).includes(own);
  } catch {
    return false;
  }
}
