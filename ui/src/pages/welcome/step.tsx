/** The frame of one step: where one is, what is asked, and the two buttons at its foot. */
import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import { Icon } from "../../components/icon";
import { isKey } from "../../components/keys";
import { ProblemNote } from "../../components/note";
import type { Message } from "../../generated/schema";
import { Banner } from "../../shell/banner";
import { Mark, NAME } from "../../shell/mark";
import { useIsLive, useStatus } from "../../store/context";
import { useWords } from "../../words/context";
import { message } from "../../words/words";
import { forgetPlace, type Journey, type StepName, stepsOf } from "./journey";
import classes from "./welcome.module.css";

/** What already means something when Enter is pressed on it. */
const TAKES_ENTER = "button, a, textarea, select, [role=dialog] *";

/** Enter goes on, Alt and the left arrow go back. */
export function useStepKeys(next: (() => void) | null, back: (() => void) | null): void {
  const latest = useRef({ next, back });
  useEffect(() => {
    latest.current = { next, back };
  });
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.repeat) return;
      if (event.altKey && isKey(event, "ArrowLeft") && latest.current.back) {
        event.preventDefault();
        latest.current.back();
      }
      if (event.altKey || event.ctrlKey || event.metaKey || !isKey(event, "Enter")) return;
      if (event.target instanceof Element && event.target.closest(TAKES_ENTER)) return;
      event.preventDefault();
      latest.current.next?.();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
}

const STEP_WORDS = {
  core: message("welcome.step_core"),
  signer: message("welcome.step_signer"),
  scan: message("welcome.step_scan"),
  program: message("welcome.step_program"),
  connect: message("welcome.step_connect"),
} satisfies Partial<Record<StepName, Message>>;

type StepperProps = { journey: Journey };

/** Steps that are over lead back; those to come do nothing. */
function Stepper({ journey }: StepperProps) {
  const words = useWords();
  const steps = stepsOf(journey.way);
  const at = steps.indexOf(journey.step);
  if (at < 0 || steps.length < 2) return <span className="grow" />;
  return (
    <nav className="grow" aria-label={words.t("welcome.steps")}>
      <ol className={classes["stepper"]}>
        {steps.map((step, place) => {
          const word = words.say(STEP_WORDS[step as keyof typeof STEP_WORDS]);
          const state = place < at ? "done" : place === at ? "current" : "later";
          const number = (
            <span className={classes["number"]}>
              {state === "done" ? <Icon name="check" size={14} /> : place + 1}
            </span>
          );
          return (
            <li
              key={step}
              data-state={state}
              aria-current={state === "current" ? "step" : undefined}
            >
              {state === "done" ? (
                <button type="button" className={classes["mark"]} onClick={() => journey.go(step)}>
                  {number}
                  <span>{word}</span>
                </button>
              ) : (
                <span className={classes["mark"]}>
                  {number}
                  <span>{word}</span>
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

/** What the button at the right does. */
export type Next = {
  word?: string;
  run: () => void;
  running?: boolean;
  /** What was not done, and why. */
  problem?: Message | null;
  /** There are more important buttons on the page. */
  quiet?: boolean;
  /** It can be pressed in a moment, not yet. */
  waits?: boolean;
  /** It makes calls, so it needs a connection. Unless told otherwise it does. */
  alone?: boolean;
};

type Props = {
  journey: Journey;
  title: string;
  line?: ReactNode;
  lead?: ReactNode;
  next: Next | null;
  /** Two columns side by side. */
  wide?: boolean;
  children: ReactNode;
};

/** A page of the first run behind the choice. */
export function StepFrame({ journey, title, line, lead, next, wide = false, children }: Props) {
  const words = useWords();
  const navigate = useNavigate();
  const isLive = useIsLive();
  const hasAccounts = useStatus()?.accounts.length !== 0;
  const heading = useRef<HTMLHeadingElement>(null);
  const canGo = next !== null && !next.running && !next.waits && (isLive || next.alone === true);
  useStepKeys(canGo ? next.run : null, journey.back);
  useEffect(() => {
    document.title = words.t("app.title", { page: title });
  }, [title, words]);
  // A new step is read from its title on.
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus();
  }, []);

  const close = () => {
    forgetPlace();
    void navigate({ to: "/" });
  };
  return (
    <div className={classes["page"]}>
      <header className={classes["top"]}>
        <Link
          to="/welcome/$step"
          params={{ step: "start" }}
          search={{ way: journey.way, account: journey.account }}
          className={classes["brand"]}
        >
          <Mark />
          <b>{NAME}</b>
        </Link>
        <Stepper journey={journey} />
        {hasAccounts ? (
          <Tooltip label={words.t("welcome.leave")}>
            <ActionIcon aria-label={words.t("welcome.leave")} onClick={close}>
              <Icon name="x" size={16} />
            </ActionIcon>
          </Tooltip>
        ) : null}
      </header>
      <div className={classes["body"]} data-wide={wide}>
        <div className={classes["head"]}>
          {lead}
          <div className="grow">
            <h1 ref={heading} tabIndex={-1}>
              {title}
            </h1>
            {line ? <p className="quiet">{line}</p> : null}
          </div>
        </div>
        <Banner />
        <div data-frozen={!isLive}>{children}</div>
        {next?.problem ? (
          <div className={classes["problem"]}>
            <ProblemNote problem={next.problem} />
          </div>
        ) : null}
      </div>
      <footer className={classes["foot"]} data-wide={wide}>
        {journey.back ? (
          <Button
            size="lg"
            variant="subtle"
            c="var(--text-2)"
            aria-keyshortcuts="Alt+ArrowLeft"
            leftSection={<Icon name="arrow-left" size={16} />}
            onClick={journey.back}
          >
            {words.t("app.back")}
          </Button>
        ) : null}
        <span className="grow" />
        {next ? (
          <Button
            size="lg"
            variant={next.quiet ? "default" : "filled"}
            loading={next.running ?? false}
            disabled={next.waits === true || (!isLive && next.alone !== true)}
            onClick={next.run}
          >
            {next.word ?? words.t("welcome.next")}
          </Button>
        ) : null}
      </footer>
    </div>
  );
}
