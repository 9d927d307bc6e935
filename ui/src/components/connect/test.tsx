/** Whether a framework that we go to takes us, tried on a button. */
import { Button, Tooltip } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { ClientStatus, Message, TargetTested, TestOutcome } from "../../generated/schema";
import type { Tone } from "../../state/standing";
import { problemOf } from "../../store/calls";
import { useIsLive, usePlatform } from "../../store/context";
import { useNow } from "../../store/ticker";
import { useWords } from "../../words/context";
import { message } from "../../words/words";
import type { IconName } from "../icons";
import { Note, ProblemNote } from "../note";
import classes from "./test.module.css";

/** As long as perpetua waits for an outcome. */
const MOST_S = 45;

const LOOKS: Record<TestOutcome, [Tone, IconName]> = {
  works: ["ok", "circle-check"],
  fails: ["bad", "alert-triangle"],
  untested: ["idle", "info-circle"],
};

/** Where a test stands. */
type Course =
  | { is: "idle" }
  | { is: "running"; since: number }
  | { is: "told"; targets: TargetTested[] }
  | { is: "failed"; problem: Message };

type Props = { account: string; client: ClientStatus };

/** Nothing for a client that comes by itself, and for one that is connected. */
export function TestTargets({ account, client }: Props) {
  const words = useWords();
  const platform = usePlatform();
  const isLive = useIsLive();
  const [course, setCourse] = useState<Course>({ is: "idle" });
  // What was begun before another test, or is not waited for any more, is not told.
  const round = useRef(0);
  useEffect(
    () => () => {
      round.current += 1;
    },
    [],
  );
  // It stands at the end of long lines.
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (course.is !== "idle") end.current?.scrollIntoView({ block: "nearest" });
  }, [course.is]);
  const { targets } = client;
  const isDone = targets.every(({ state }) => state === "open");
  if (targets.length === 0 || !client.enabled || (isDone && course.is !== "running")) return null;

  const begin = async () => {
    round.current += 1;
    const mine = round.current;
    const tell = (next: Course) => {
      if (round.current === mine) setCourse(next);
    };
    setCourse({ is: "running", since: Date.now() });
    try {
      tell({
        is: "told",
        targets: await platform.call("client_test", { account, client: client.name }),
      });
    } catch (error) {
      tell({ is: "failed", problem: problemOf(error) });
    }
  };
  const stop = () => {
    round.current += 1;
    setCourse({ is: "idle" });
  };
  const isRunning = course.is === "running";
  return (
    <div ref={end} className={classes["test"]}>
      {isRunning ? (
        <Running address={targets[0]?.address ?? ""} since={course.since} onStop={stop} />
      ) : (
        <Tooltip label={words.t("app.not_now")} disabled={isLive}>
          <Button disabled={!isLive} onClick={() => void begin()}>
            {words.t(client.kind === "post" ? "client.test_of_post" : "client.test")}
          </Button>
        </Tooltip>
      )}
      <div aria-live="polite" className={classes["found"]}>
        {course.is === "told"
          ? course.targets.map((target) => {
              const [tone, icon] = LOOKS[target.outcome];
              return (
                <Note
                  key={target.address}
                  tone={tone}
                  icon={icon}
                  title={isSaid(target, client) ? message("connect.tried_in_vain") : target.message}
                />
              );
            })
          : null}
        {course.is === "failed" ? <ProblemNote problem={course.problem} /> : null}
      </div>
    </div>
  );
}

/** What keeps it from being connected stands with its state already. */
function isSaid({ address, outcome, message: found }: TargetTested, { targets }: ClientStatus) {
  const known = targets.find((target) => target.address === address)?.problem;
  return outcome === "fails" && JSON.stringify(known) === JSON.stringify(found);
}

type RunningProps = { address: string; since: number; onStop: () => void };

/** How long it has been tried; whoever stops waiting ends nothing. */
function Running({ address, since, onStop }: RunningProps) {
  const words = useWords();
  const now = useNow();
  const seconds = Math.max(0, Math.round((now - since) / 1000));
  return (
    <Note
      tone="busy"
      icon="loader-2"
      title={message("client.testing", { address, seconds, most: MOST_S })}
      action={<Button onClick={onStop}>{words.t("client.stop_waiting")}</Button>}
    />
  );
}
