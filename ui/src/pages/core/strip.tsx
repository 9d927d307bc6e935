/** The installation under way, or how the one ended that was seen here. */
import { useEffect, useState } from "react";
import { JobStrip, useJob } from "../../components/installation";

/** How long it is told that it worked; the table tells it from then on. */
const DONE_MS = 10_000;

/** One that was done before somebody looked is nothing new. */
export function Strip() {
  const job = useJob();
  const isDone = job?.state === "done";
  const [wasSeen, setSeen] = useState(false);
  const isUnderWay = job !== null && !isDone && job.state !== "idle";
  useEffect(() => {
    if (isUnderWay) setSeen(true);
  }, [isUnderWay]);
  useEffect(() => {
    if (!isDone) return;
    const timer = setTimeout(() => setSeen(false), DONE_MS);
    return () => clearTimeout(timer);
  }, [isDone]);
  return job && (!isDone || wasSeen) ? <JobStrip job={job} /> : null;
}
