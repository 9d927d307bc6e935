/** A question before something that takes a while or may fail: it stays open until it is done. */
import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import type { Message } from "../generated/schema";
import { useWords } from "../words/context";
import { Said } from "../words/said";
import { Dialog } from "./dialog";

type Props = {
  opened: boolean;
  /** A question, or a verb. */
  title: string;
  /** What follows from it. */
  children: ReactNode;
  /** The verb that does it. */
  verb: string;
  /** It takes something away. */
  danger?: boolean;
  running?: boolean;
  /** Why it cannot be done yet. */
  disabled?: boolean;
  /** Something was typed in it: a click outside must not lose it. */
  touched?: boolean;
  /** Why it was not done. */
  problem?: Message | null;
  onAgree: () => void;
  onClose: () => void;
};

/** Esc and a click outside are the safe answer. */
export function Decision(props: Props) {
  const words = useWords();
  const { opened, title, children, verb, danger = false, running = false, problem } = props;
  return (
    <Dialog
      opened={opened}
      onClose={props.onClose}
      title={title}
      size={480}
      touched={props.touched === true}
    >
      <div className="quiet">{children}</div>
      {problem ? (
        <p
          className="sm"
          role="alert"
          data-tone="bad"
          style={{ color: "var(--tone)", marginTop: 12 }}
        >
          <Said alone message={problem} />
        </p>
      ) : null}
      <div className="row" style={{ justifyContent: "flex-end", marginTop: 20 }}>
        <Button data-autofocus data-cancel onClick={props.onClose}>
          {words.t("app.cancel")}
        </Button>
        <Button
          variant="filled"
          {...(danger ? { color: "bad" } : {})}
          loading={running}
          disabled={props.disabled ?? false}
          onClick={props.onAgree}
        >
          {verb}
        </Button>
      </div>
    </Dialog>
  );
}
