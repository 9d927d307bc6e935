/** What happened, what it means, and at most one button that ends it. */
import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import type { Message } from "../generated/schema";
import { LearnMore } from "../help/learn-more";
import type { Standing, Tone } from "../state/standing";
import { useWords } from "../words/context";
import { Said, Sentence } from "../words/said";
import { Icon } from "./icon";
import type { IconName } from "./icons";
import { isOfKeyring, KeyringFile } from "./keyring-file";
import { BareMendButton, useMending } from "./mend";
import classes from "./note.module.css";

type Props = {
  tone: Tone;
  icon: IconName;
  /** A message, or a sentence that has been made already. */
  title: Message | string;
  /** The explanation under the title. */
  children?: ReactNode;
  /** The button, or a few that belong together. */
  action?: ReactNode;
  /** Whether it interrupts a screen reader: something has just gone wrong. */
  alert?: boolean;
};

/** One sentence, its explanation, its button. */
export function Note({ tone, icon, title, children, action, alert = false }: Props) {
  return (
    <div className={classes["whole"]} role={alert ? "alert" : undefined}>
      <div className={classes["note"]} data-tone={tone}>
        <div className={classes["said"]}>
          <span className={classes["lead"]}>
            <Icon name={icon} />
          </span>
          <div className={classes["text"]}>
            <b className="medium">
              {typeof title === "string" ? (
                <Sentence text={title} />
              ) : (
                <Said message={title} alone />
              )}
            </b>
            {typeof title === "string" ? null : <LearnMore about={title} />}
            {children ? <div className={classes["more"]}>{children}</div> : null}
          </div>
        </div>
        {action ? <div className={classes["action"]}>{action}</div> : null}
      </div>
    </div>
  );
}

/** The note of a state: its sentence and its mend, and why that did not work. */
export function StateNote({ standing, children }: { standing: Standing; children?: ReactNode }) {
  const { mend } = standing;
  const mending = useMending(mend, standing.word.code);
  return (
    <Note
      tone={standing.tone}
      icon={standing.icon}
      title={standing.sentence ?? standing.word}
      action={mend ? <BareMendButton mend={mend} mending={mending} primary /> : null}
    >
      {standing.more ? (
        <p className="num">
          <Said message={standing.more} alone />
        </p>
      ) : null}
      {children}
      {isOfKeyring(standing.sentence) ? <KeyringFile /> : null}
      {mending.problem ? (
        <p className={classes["problem"]} role="alert">
          <Said message={mending.problem} alone />
        </p>
      ) : null}
    </Note>
  );
}

/** A call that failed, where its result would stand; `again` makes it once more. */
export function ProblemNote({ problem, again }: { problem: Message; again?: () => void }) {
  const words = useWords();
  const button = again ? <Button onClick={again}>{words.t("app.again")}</Button> : null;
  return (
    <Note tone="bad" icon="alert-triangle" title={problem} action={button} alert>
      {isOfKeyring(problem) ? <KeyringFile kept={again} /> : null}
    </Note>
  );
}
