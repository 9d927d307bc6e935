/** Times that go on by themselves, from one shared clock. */
import { Tooltip } from "@mantine/core";
import { useNow } from "../store/ticker";
import { duration, time } from "../words/amounts";
import { useWords } from "../words/context";

/** How long ago, or for how long; the moment itself as a tooltip. */
export function Since({ at }: { at: number }) {
  const words = useWords();
  const now = useNow();
  return (
    <Tooltip label={time(words, at, now, true)}>
      <time className="num nowrap" dateTime={new Date(at).toISOString()}>
        {duration(words, (now - at) / 1000)}
      </time>
    </Tooltip>
  );
}

/** Whole seconds until a moment, never below 0. */
function secondsUntil(deadline: number, now: number): number {
  return Math.max(0, Math.ceil((deadline - now) / 1000));
}

/** Seconds until a moment, each second anew. */
export function useCountdown(deadline: number): number {
  return secondsUntil(deadline, useNow());
}
