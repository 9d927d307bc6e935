/** The strip of an installation: how far it is, why it did not work, what a person has to compare. */
import { Button, Progress, UnstyledButton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { CoreJob, Message } from "../../generated/schema";
import { stepWord } from "../../state/installation";
import { holds, never } from "../../state/standing";
import { useDo } from "../../store/calls";
import { useIsLive, useView } from "../../store/context";
import { bytes, duration } from "../../words/amounts";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { type Code, message } from "../../words/words";
import { Icon } from "../icon";
import { Note, ProblemNote } from "../note";
import { CompareDialog } from "./compare";
import { Elsewhere } from "./elsewhere";
import classes from "./installation.module.css";
import {
  amountOf,
  ofUpload,
  partOf,
  STAGES,
  type Stage,
  stageOf,
  stageOfFailure,
  UPLOAD_STAGES,
  useJob,
} from "./job";

export { useJob } from "./job";

/** Nothing while nothing is installed. */
export function Installation() {
  const job = useJob();
  return job ? <JobStrip job={job} /> : null;
}

/** One installation, wherever it was heard of. */
export function JobStrip({ job }: { job: CoreJob }) {
  switch (job.state) {
    case "idle":
      return null;
    case "running":
      return <Running job={job} />;
    case "unconfirmed":
      return <Unconfirmed job={job} />;
    case "failed":
      return <Failed job={job} />;
    case "done":
      return (
        <Note
          tone="ok"
          icon="circle-check"
          title={message("setup.done", { version: job.version })}
        />
      );
    default:
      return never(job);
  }
}

const STAGE_WORDS: Record<Stage, Code> = {
  find: "setup.stage_find",
  download: "setup.stage_download",
  unpack: "setup.stage_unpack",
  try: "setup.stage_try",
};

const STAGE_ICONS = {
  done: "circle-check",
  current: "loader-2",
  failed: "circle-x",
  later: "circle-dashed",
} as const;

function Running({ job }: { job: Extract<CoreJob, { state: "running" }> }) {
  const words = useWords();
  const isLive = useIsLive();
  const cancel = useDo("core_cancel", ["core_list"]);
  const amount = amountOf(job);
  const part = partOf(job);
  const step = stepWord(job.step);
  const facts = [
    amount ? words.say(amount) : null,
    job.rate_per_s > 0 ? words.t("setup.rate", { rate: bytes(job.rate_per_s) }) : null,
    job.remaining_s === null
      ? null
      : words.t("setup.remaining", { duration: duration(words, job.remaining_s) }),
  ].filter((fact) => fact !== null);
  return (
    <section className={`card ${classes["strip"]}`} aria-label={words.t("setup.installation")}>
      <div className={classes["head"]}>
        <span data-tone="busy" className={classes["sign"]}>
          <Icon name="download" />
        </span>
        <b className="medium grow" role="status">
          <Said
            message={
              job.tag === null
                ? message("state.step_alone", { step })
                : message("setup.step_of", { step, version: job.tag })
            }
          />
        </b>
        <span className={classes["facts"]}>{facts.join(" · ")}</span>
        <Button
          size="xs"
          loading={cancel.running}
          disabled={!isLive}
          onClick={() => void cancel.run({}).catch(() => undefined)}
        >
          {words.t("app.cancel")}
        </Button>
      </div>
      <Progress
        mt={10}
        size={6}
        value={part === null ? 100 : part * 100}
        animated={part === null}
        color="busy"
        aria-label={words.t("setup.installation")}
      />
      <Stages at={stageOf(job.step)} isUpload={job.step === "uploading"} />
      {cancel.problem ? <ProblemNote problem={cancel.problem} /> : null}
    </section>
  );
}

function Unconfirmed({ job }: { job: Extract<CoreJob, { state: "unconfirmed" }> }) {
  const { name, sha256, rolled_back: cause } = job;
  const words = useWords();
  const [comparing, setComparing] = useState(false);
  return (
    <>
      <Note
        tone="you"
        icon="fingerprint"
        title={
          cause ? message("setup.unconfirmed_rolled_back", { cause }) : message("setup.unconfirmed")
        }
        action={
          <Button variant="filled" onClick={() => setComparing(true)}>
            {words.t("setup.compare")}
          </Button>
        }
      />
      <CompareDialog
        name={name}
        sha256={sha256}
        opened={comparing}
        onClose={() => setComparing(false)}
      />
    </>
  );
}

type StagesProps = { at: Stage; failed?: ReactNode; isUpload?: boolean };

/** What is over, where it is, what is to come; `failed` is why it went no further. */
function Stages({ at, failed, isUpload = false }: StagesProps) {
  const reached = STAGES.indexOf(at);
  const here = failed ? "failed" : "current";
  return (
    <ol className={classes["stages"]}>
      {(isUpload ? UPLOAD_STAGES : STAGES).map((name) => {
        const place = STAGES.indexOf(name);
        const state = place < reached ? "done" : place === reached ? here : "later";
        const isHere = place === reached;
        const stage: Message = {
          code: isHere && isUpload ? "setup.stage_upload" : STAGE_WORDS[name],
        };
        return (
          <li key={name} data-state={state} aria-current={place === reached ? "step" : undefined}>
            <span className={classes["stage"]}>
              <Icon name={STAGE_ICONS[state]} size={14} />
              <Said
                message={state === "failed" ? message("setup.stage_failed", { stage }) : stage}
              />
            </span>
            {state === "failed" ? failed : null}
          </li>
        );
      })}
    </ol>
  );
}

/** The reason and what ends it stand at the stage that failed. */
function Failed({ job }: { job: Extract<CoreJob, { state: "failed" }> }) {
  const words = useWords();
  const isLive = useIsLive();
  const lastStep = useView((view) => view.jobStep);
  const [elsewhere, setElsewhere] = useState(false);
  const again = useDo("core_install", ["core_list"]);
  const isUpload = ofUpload(job.problem);
  const isOfProxy = holds(job.problem, "install.proxy_failed");
  const reason = (
    <div className={classes["reason"]}>
      <p>
        <Said alone message={job.problem} />
      </p>
      {isUpload ? (
        <Button variant="filled" disabled={elsewhere} onClick={() => setElsewhere(true)}>
          {words.t("cores.choose_again")}
        </Button>
      ) : (
        <div className={classes["ways"]}>
          {isOfProxy ? (
            <Button component={Link} to="/settings/network" variant="filled">
              {words.t("problem.download_proxy_do")}
            </Button>
          ) : null}
          <Button
            variant={isOfProxy ? "default" : "filled"}
            loading={again.running}
            disabled={!isLive}
            onClick={() => void again.run({}).catch(() => undefined)}
          >
            {words.t("app.again")}
          </Button>
        </div>
      )}
      {again.problem ? <ProblemNote problem={again.problem} /> : null}
    </div>
  );
  return (
    <div className={classes["failed"]}>
      <section
        className={`card ${classes["strip"]}`}
        aria-label={words.t("setup.installation")}
        role="alert"
      >
        <div className={classes["head"]}>
          <span data-tone="bad" className={classes["sign"]}>
            <Icon name="alert-triangle" />
          </span>
          <b className="medium grow">{words.t("setup.failed")}</b>
        </div>
        <p className={classes["facts"]}>{words.t("setup.unchanged")}</p>
        <Stages at={stageOfFailure(job.problem, lastStep)} failed={reason} isUpload={isUpload} />
      </section>
      {elsewhere ? (
        <Elsewhere />
      ) : (
        <UnstyledButton className={classes["link"]} onClick={() => setElsewhere(true)}>
          {words.t("setup.from_elsewhere")}
        </UnstyledButton>
      )}
    </div>
  );
}
