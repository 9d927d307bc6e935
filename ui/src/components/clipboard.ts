/**
 * Puts a text on the clipboard, by the way that works here.
 *
 * In the window the program does it. A browser allows it in a secure context only, and Safari only
 * within the click: a text that comes later is given as a promise. Elsewhere an unseen field is
 * selected and copied; where even that is refused, the text is selected for the person to copy.
 */
import type { Message } from "../generated/schema";
import type { Platform } from "../platform";
import { problemOf } from "../store/calls";

/** Copied; selected on the page, for the person to copy; or neither, and why. */
export type CopyResult =
  | { state: "copied" }
  | { state: "by_hand" }
  | { state: "failed"; problem: Message };

/** Puts it on the clipboard, or selects it on the page. */
export async function copyText(
  platform: Platform,
  text: string | (() => Promise<string>),
): Promise<CopyResult> {
  const given = typeof text === "string" ? Promise.resolve(text) : text();
  if (platform.shell) {
    try {
      await platform.shell.call("clipboard_write", { text: await given });
      return { state: "copied" };
    } catch (error) {
      return { state: "failed", problem: problemOf(error) };
    }
  }
  if (navigator.clipboard && typeof ClipboardItem !== "undefined") {
    try {
      const blob = given.then((value) => new Blob([value], { type: "text/plain" }));
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
      return { state: "copied" };
    } catch {
      // Refused: the older way may still be allowed.
    }
  }
  try {
    return { state: copySelected(await given) ? "copied" : "by_hand" };
  } catch (error) {
    return { state: "failed", problem: problemOf(error) };
  }
}

/** How long a selected text waits for the person's own Ctrl C. */
const WAITS_MS = 30_000;

function copySelected(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.style.cssText = "position:fixed;inset:0 auto auto 0;width:1px;height:1px;opacity:0";
  const before = document.activeElement;
  document.body.append(field);
  field.focus();
  field.select();
  let worked = false;
  try {
    worked = document.execCommand("copy");
  } catch {
    worked = false;
  }
  if (worked) {
    field.remove();
    if (before instanceof HTMLElement) before.focus();
  } else {
    const gone = () => field.remove();
    field.addEventListener("copy", () => setTimeout(gone), { once: true });
    field.addEventListener("blur", gone, { once: true });
    setTimeout(gone, WAITS_MS);
  }
  return worked;
}
