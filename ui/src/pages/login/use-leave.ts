/** A page that has done its work goes away by itself. */
import { useEffect, useRef } from "react";

/** How long it stays, unless somebody is at work on it. */
const STAYS_MS = 3000;

/** Leaves a while after `isDone`; not when the focus moves, for then somebody is at work here. */
export function useLeave(isDone: boolean, leave: () => void): void {
  const latest = useRef(leave);
  useEffect(() => {
    latest.current = leave;
  });
  useEffect(() => {
    if (!isDone) return;
    const timer = setTimeout(() => latest.current(), STAYS_MS);
    const stay = () => clearTimeout(timer);
    document.addEventListener("focusin", stay);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("focusin", stay);
    };
  }, [isDone]);
}
