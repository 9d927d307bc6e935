/** A key of a page: heard wherever the focus is, but for fields in which one writes. */
import { useEffect, useRef } from "react";
import { isKey } from "./keys";

const WRITES = "input, textarea, select, [contenteditable]";

const ASKS = "[role=dialog]";

/** Without Ctrl, Alt and ⌘; `pressed` may be another function each time. */
export function useKey(key: string, pressed: () => void): void {
  const latest = useRef(pressed);
  useEffect(() => {
    latest.current = pressed;
  });
  useEffect(() => {
    const heard = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
      if (!isKey(event, key) || event.repeat) return;
      // A question has the keyboard: Esc closes it and nothing else. It may be gone already by now.
      if (document.querySelector(ASKS)) return;
      if (event.target instanceof Element && event.target.closest(ASKS)) return;
      if (event.target instanceof Element && event.target.closest(WRITES)) return;
      latest.current();
    };
    document.addEventListener("keydown", heard);
    return () => document.removeEventListener("keydown", heard);
  }, [key]);
}
