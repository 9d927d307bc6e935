/** What was tested, one line for each thing. */
import { UnstyledButton } from "@mantine/core";
import type { ReactNode } from "react";
import type { Tone } from "../state/standing";
import { useWords } from "../words/context";
import classes from "./check-line.module.css";
import { Icon } from "./icon";
import type { IconName } from "./icons";

const ICONS: Record<Tone, IconName> = {
  ok: "circle-check",
  busy: "loader-2",
  you: "alert-circle",
  bad: "circle-x",
  idle: "circle-dashed",
};

/** The lines of one test, read aloud as they come. */
export function Checks({ children }: { children: ReactNode }) {
  return (
    <div className={classes["checks"]} role="status">
      {children}
    </div>
  );
}

export function CheckLine({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <div className={classes["check"]} data-tone={tone}>
      <Icon name={ICONS[tone]} size={16} />
      <span>{children}</span>
    </div>
  );
}

/** Tests once more, inside of the line. */
export function Again({ run }: { run: () => void }) {
  const words = useWords();
  return (
    <UnstyledButton className={classes["link"]} onClick={run}>
      {words.t("app.again")}
    </UnstyledButton>
  );
}
