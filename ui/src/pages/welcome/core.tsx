/** Step 1 of a QQ account: the program that logs in. Its download begins at once. */
import { Button, Skeleton } from "@mantine/core";
import { useEffect, useRef } from "react";
import { Installation, useJob } from "../../components/installation";
import { Note, ProblemNote } from "../../components/note";
import { Late } from "../../components/page";
import { problemOf, useCall, useDo } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { useWords } from "../../words/context";
import { message } from "../../words/words";
import type { Journey } from "./journey";
import { StepFrame } from "./step";

/** The next step need not wait for it. */
export function CoreStep({ journey }: { journey: Journey }) {
  const words = useWords();
  const job = useJob();
  const isRunning = job?.state === "running";
  return (
    <StepFrame
      journey={journey}
      title={words.t("welcome.core_title")}
      line={words.t("welcome.core_line")}
      next={{ run: () => journey.go("signer"), alone: true }}
    >
      <Core begins={journey.isFirstRun && journey.account === undefined} />
      <p className="sm faint" style={{ marginTop: 12 }}>
        {isRunning ? words.t("welcome.core_meanwhile") : null}
      </p>
    </StepFrame>
  );
}

/** `begins`: the way of a first run wants one; elsewhere a look installs nothing. */
function Core({ begins }: { begins: boolean }) {
  const words = useWords();
  const isLive = useIsLive();
  const list = useCall("core_list", {});
  const job = useJob();
  const install = useDo("core_install", ["core_list"]);
  const current = list.data?.installed.find((version) => version.current);
  const begun = useRef(false);
  const isWanted = begins && isLive && list.data !== undefined && !current && job?.state === "idle";
  const { run } = install;
  const begin = () => void run({}).catch(() => undefined);
  useEffect(() => {
    if (!isWanted || begun.current) return;
    begun.current = true;
    void run({}).catch(() => undefined);
  }, [isWanted, run]);

  if (list.error) {
    return <ProblemNote problem={problemOf(list.error)} again={() => void list.refetch()} />;
  }
  if (!list.data) {
    return (
      <Late>
        <Skeleton height={116} radius="lg" />
      </Late>
    );
  }
  if (install.problem) {
    return <ProblemNote problem={install.problem} again={begin} />;
  }
  if (job && job.state !== "idle") return <Installation />;
  if (current) {
    return (
      <Note
        tone="ok"
        icon="circle-check"
        title={message("welcome.core_there", { version: current.id })}
      />
    );
  }
  return !isWanted || begun.current ? (
    <Note
      tone="you"
      icon="package-off"
      title={message("welcome.core_missing")}
      action={
        <Button variant="filled" disabled={!isLive} onClick={begin}>
          {words.t("setup.install")}
        </Button>
      }
    />
  ) : null;
}
