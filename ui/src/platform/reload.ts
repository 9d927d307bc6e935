/** Loading the page anew, seldom: what is wrong after that too is wrong for good. */

const KEY = "perpetua.reloaded";
const ONCE_MS = 60_000;

/** Whether it has not been done lately. A browser that keeps nothing cannot tell, and might do it without end. */
export function mayReload(): boolean {
  try {
    return Date.now() - Number(sessionStorage.getItem(KEY) ?? 0) >= ONCE_MS;
  } catch {
    return false;
  }
}

/** Does it. */
export function reload(): void {
  try {
    sessionStorage.setItem(KEY, String(Date.now()));
  } catch {
    // It is wanted all the same.
  }
  location.reload();
}

/** Whether something would be lost: somebody writes, or has a dialog open. What stands in a field where nobody is was saved. */
export function losesSomething(): boolean {
  const leaving = new Event("beforeunload", { cancelable: true });
  window.dispatchEvent(leaving);
  if (leaving.defaultPrevented || document.querySelector('[role="dialog"]')) return true;
  const { activeElement: here } = document;
  if (here instanceof HTMLInputElement && here.type !== "checkbox" && here.value !== "")
    return true;
  return [...document.querySelectorAll("textarea")].some((field) => field.value.trim() !== "");
}
