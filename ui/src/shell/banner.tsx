/** Under the title of every page while the connection to perpetua is lost. */
import { Button } from "@mantine/core";
import { NextSentence } from "../components/next-sentence";
import { Note } from "../components/note";
import { useCountdown } from "../components/time";
import type { Message } from "../generated/schema";
import type { Move } from "../state/moving";
import { useStore, useView } from "../store/context";
import { useNow } from "../store/ticker";
import { time } from "../words/amounts";
import { useWords } from "../words/context";
import { Said, Sentence } from "../words/said";
import { message } from "../words/words";
import classes from "./banner.module.css";
import { FontNotice } from "./font-notice";
import { useIsLost } from "./shell-status";
import { useMove } from "./use-move";

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
  const move = useMove();
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
        title={
          move ? message("app.moved") : met ? message("app.lost") : message("app.not_there_yet")
        }
        action={<Button onClick={() => store.retry()}>{words.t("app.retry_now")}</Button>}
      >
        {move ? <Moved move={move} /> : null}
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

/** Where to go on, once perpetua was started again with the address that waits for that. */
function Moved({ move }: { move: Move }) {
  if (move.is === "behind_proxy") {
    return (
      <p>
        <Said message={message("app.moved_proxy", { listen: move.listen })} />
        {move.keepsSessions ? null : <NextSentence message={message("app.moved_sign_in")} />}
      </p>
    );
  }
  const said = message(move.is === "elsewhere" ? "app.moved_to" : "app.moved_there");
  return (
    <p>
      <Said message={said} /> <a href={move.url}>{move.url}</a>
    </p>
  );
}
