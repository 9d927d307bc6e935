/** For what changes more often than a person can read. */
import { useEffect, useRef, useState } from "react";

/** The value, which then stays the same for so long; the last one is always shown in the end. */
export function useAtMostEvery<T>(milliseconds: number, value: T): T {
  const [shown, setShown] = useState(value);
  const since = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    const show = () => {
      since.current = performance.now();
      setShown(value);
    };
    const wait = since.current + milliseconds - performance.now();
    if (wait <= 0) {
      show();
      return undefined;
    }
    const timer = setTimeout(show, wait);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return shown;
}
