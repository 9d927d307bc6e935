/** Tests what is being typed: as soon as typing stops, and the former test counts no more. */
import { useEffect, useRef, useState } from "react";
import type { Message } from "../generated/schema";
import { problemOf } from "../store/calls";

/** How long typing has to stop. */
const STOPPED_MS = 600;

/** Where the test of the present text stands. */
export type Tested<Report> =
  | { is: "nothing" | "testing" }
  | { is: "told"; report: Report }
  | { is: "failed"; problem: Message };

/** `subject` is what is tested, by its text; null: nothing. `again` tests it once more. */
export function useTested<Subject, Report>(
  subject: Subject | null,
  test: (subject: Subject) => Promise<Report>,
): Tested<Report> & { again: () => void } {
  const key = subject === null ? null : JSON.stringify(subject);
  const [round, setRound] = useState(0);
  const [told, setTold] = useState<{ key: string; round: number; tested: Tested<Report> } | null>(
    null,
  );
  const latest = useRef(test);
  useEffect(() => {
    latest.current = test;
  });
  useEffect(() => {
    if (key === null) return;
    let isLatest = true;
    const tell = (tested: Tested<Report>) => {
      if (isLatest) setTold({ key, round, tested });
    };
    const begin = () =>
      latest.current(JSON.parse(key)).then(
        (report) => tell({ is: "told", report }),
        (error) => tell({ is: "failed", problem: problemOf(error) }),
      );
    const timer = setTimeout(() => void begin(), round === 0 ? STOPPED_MS : 0);
    return () => {
      isLatest = false;
      clearTimeout(timer);
    };
  }, [key, round]);
  const isTold = told !== null && told.key === key && told.round === round;
  const tested: Tested<Report> =
    key === null ? { is: "nothing" } : isTold ? told.tested : { is: "testing" };
  return { ...tested, again: () => setRound((before) => before + 1) };
}
