/** Asks once more, beside the button, where something cannot be undone. */
import { Button, Popover } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { Message } from "../generated/schema";
import { useWords } from "../words/context";
import { Said } from "../words/said";
import classes from "./confirm.module.css";

type Props = {
  /** What will happen. */
  question: Message;
  /** The verb on the button that does it. */
  verb: Message;
  onConfirm: () => void;
  /** The button that opens the question. */
  children: (open: () => void) => ReactNode;
};

/** The button that does nothing has the focus. */
export function Confirm({ question, verb, onConfirm, children }: Props) {
  const words = useWords();
  const [asked, setAsked] = useState(false);
  return (
    <Popover
      opened={asked}
      onChange={setAsked}
      position="bottom-end"
      trapFocus
      returnFocus
      // They would stand on what only wraps the button.
      withRoles={false}
    >
      <Popover.Target>
        <span>{children(() => setAsked(true))}</span>
      </Popover.Target>
      <Popover.Dropdown
        className={classes["question"]}
        role="dialog"
        aria-label={words.say(question)}
      >
        <p>
          <Said message={question} />
        </p>
        <div className={classes["answers"]}>
          <Button data-autofocus onClick={() => setAsked(false)}>
            {words.t("app.cancel")}
          </Button>
          <Button
            className={classes["verb"]}
            onClick={() => {
              setAsked(false);
              onConfirm();
            }}
          >
            <Said message={verb} />
          </Button>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
