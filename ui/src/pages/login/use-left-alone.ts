/** Nobody is there: what is as good as a password is put away. */
import { useEffect, useState } from "react";

/** How long the window may be left before the code is put away. */
const AWAY_MS = 60_000;

/**
 * Whether the window was left so long that the code shall not lie open any more, and the way
 * to show it again.
 */
export function useLeftAlone(): [boolean, () => void] {
  const [alone, setAlone] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const left = () => {
      clearTimeout(timer);
      timer = setTimeout(() => setAlone(true), AWAY_MS);
    };
    const back = () => clearTimeout(timer);
    // A page that is opened while nobody is there hears no `blur`.
    if (!document.hasFocus()) left();
    window.addEventListener("blur", left);
    window.addEventListener("focus", back);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("blur", left);
      window.removeEventListener("focus", back);
    };
  }, []);
  return [alone, () => setAlone(false)];
}
