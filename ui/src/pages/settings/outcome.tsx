/** What came of a change, and what stands where nothing is known yet. */
import { Button, Skeleton } from "@mantine/core";
import { Note, ProblemNote } from "../../components/note";
import { type Result, ResultLine } from "../../components/option";
import { Late } from "../../components/page";
import type { Message } from "../../generated/schema";
import { useIsLive } from "../../store/context";
import { useWords } from "../../words/context";
import classes from "./settings.module.css";

/** Under the rows of a section. */
export function Outcome({ problem, result }: { problem: Message | null; result: Result | null }) {
  return problem ? (
    <div className={classes["problem"]}>
      <ProblemNote problem={problem} />
    </div>
  ) : (
    <ResultLine result={result} />
  );
}

/** A switch that is not known is not shown as off. */
export function Unknown({ problem, again }: { problem: Message | null; again: () => void }) {
  if (problem) return <ProblemNote problem={problem} again={again} />;
  return (
    <Late>
      <div className={`card ${classes["loading"]}`} aria-hidden>
        {["first", "second", "third"].map((row) => (
          <Skeleton key={row} height={36} />
        ))}
      </div>
    </Late>
  );
}

type LeavesProps = { problem: Message; agree: () => void; leave: () => void };

/** A change with which this page could not be opened any more takes a second click. */
export function LeavesHost({ problem, agree, leave }: LeavesProps) {
  const words = useWords();
  const isLive = useIsLive();
  return (
    <div className={classes["warning"]}>
      <Note
        alert
        tone="you"
        icon="world-exclamation"
        title={problem}
        action={
          <>
            <Button autoFocus onClick={leave}>
              {words.t("settings.keep_name")}
            </Button>
            <Button disabled={!isLive} onClick={agree}>
              {words.t("settings.lock_out")}
            </Button>
          </>
        }
      />
    </div>
  );
}
