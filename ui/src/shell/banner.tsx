/** Under the title of every page while the connection to perpetua is lost. */
import { Button } from "@mantine/core";
import { Note } from "../components/note";
import { useCountdown } from "../components/time";
import type { Message } from "../generated/schema";
import { useStore, useView } from "../store/context";
import { useNow } from "../store/ticker";
import { time } from "../words/amounts";
import { useWords } from "../words/context";
import { Said, Sentence } from "../words/said";
import { message } from "../words/words";
import classes from "./banner.module.css";
import { FontNotice } from "./font-notice";
import { useIsLost } from "./shell-status";

/** When the values are from, which attempt comes next, and the button that does not wait for it. */
export function Banner() {
  const link = useView((view) => view.link);
  const lost = useIsLost();
  return lost && link.state === "lost" ? (
    <Lost attempt={link.attempt} retryAt={link.retryAt} problem={link.problem} />
  ) : (
    <FontNotice />
  );
}

type LostProps = { attempt: number; retryAt: number; problem: Message | undefined };

function Lost({ attempt, retryAt, problem }: LostProps) {
  const words = useWords();
  const store = useStore();
  const now = useNow();
  const seconds = useCountdown(retryAt);
  const changedAt = useView((view) => view.changedAt);
  // What was never there is not lost.
  const met = useView((view) => view.snapshots > 0);
  const next = words.t("app.lost_next", { attempt, seconds });
  const from = words.t("app.lost_values", { time: time(words, changedAt, now, true) });
  const said = changedAt > 0 ? words.sentences([from, next]) : next;
  return (
    <div className={classes["banner"]} role="status">
      <Note
        tone="you"
        icon="plug-connected-x"
        title={met ? message("app.lost") : message("app.not_there_yet")}
        action={<Button onClick={() => store.retry()}>{words.t("app.retry_now")}</Button>}
      >
        {problem ? (
          <p>
            <Said message={problem} alone />
          </p>
        ) : null}
        {/* Read aloud once, not every second. */}
        <p className="num" aria-hidden>
          <Sentence text={said} />
        </p>
      </Note>
    </div>
  );
}
