/** The button that ends a problem. */
import { Button, Tooltip } from "@mantine/core";
import { useState } from "react";
import type { Message } from "../generated/schema";
import type { Deed, Mend } from "../state/standing";
import { problemOf } from "../store/calls";
import { useIsLive } from "../store/context";
import { useWords } from "../words/context";
import { Said } from "../words/said";
import { message } from "../words/words";
import { useDeed } from "./deed";

/** Deeds that only open a page: they work without a connection to perpetua. */
const WORKS_ALONE: Deed["do"][] = ["go", "open_signers", "open_core"];

/** A mend at work: `cannot` is why it is not possible now, `problem` why it did not work. */
export type Mending = {
  press: () => void;
  running: boolean;
  cannot: Message | null;
  problem: Message | null;
};

/**
 * What a button needs to do what it promises. `during` is the state that it belongs to: why it did not
 * work is forgotten with it.
 */
export function useMending(mend: Mend | null, during = ""): Mending {
  const deed = useDeed();
  const isLive = useIsLive();
  const [running, setRunning] = useState(false);
  const [failed, setFailed] = useState<{ problem: Message; of: string } | null>(null);
  const of = JSON.stringify([during, mend]);
  const isPossible = isLive || mend === null || WORKS_ALONE.includes(mend.deed.do);

  const press = async () => {
    if (!mend) return;
    setRunning(true);
    setFailed(null);
    try {
      await deed(mend.deed);
    } catch (error) {
      setFailed({ problem: problemOf(error), of });
    }
    setRunning(false);
  };
  return {
    press: () => void press(),
    running,
    cannot: isPossible ? null : message("app.not_now"),
    problem: failed?.of === of ? failed.problem : null,
  };
}

type ButtonProps = { mend: Mend; mending: Mending; primary?: boolean };

/** For a place that shows the problem itself. */
export function BareMendButton({ mend, mending, primary = false }: ButtonProps) {
  const words = useWords();
  const { press, running, cannot } = mending;
  return (
    <Tooltip label={cannot ? words.say(cannot) : ""} disabled={!cannot}>
      <Button
        variant={primary ? "filled" : "default"}
        loading={running}
        aria-disabled={cannot !== null}
        data-disabled={cannot !== null || undefined}
        onClick={cannot ? (event) => event.preventDefault() : press}
      >
        {words.say(mend.word)}
      </Button>
    </Tooltip>
  );
}

/** Shows beside itself why it did not work. */
export function MendButton({ mend, primary = false }: { mend: Mend; primary?: boolean }) {
  const mending = useMending(mend);
  const { problem } = mending;
  return (
    <Tooltip
      label={problem ? <Said alone message={problem} /> : ""}
      disabled={!problem}
      opened={problem !== null}
      multiline
      maw={320}
    >
      <span>
        <BareMendButton mend={mend} mending={mending} primary={primary} />
      </span>
    </Tooltip>
  );
}
