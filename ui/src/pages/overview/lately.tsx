/** The last things that happened, in words. */
import { Icon } from "../../components/icon";
import type { IconName } from "../../components/icons";
import { ProblemNote } from "../../components/note";
import type { Happening, HappeningTone } from "../../generated/schema";
import { problemOf, useCall } from "../../store/calls";
import { useIsLive, useView } from "../../store/context";
import { useNow } from "../../store/ticker";
import { time } from "../../words/amounts";
import { useWords } from "../../words/context";
import { Name, Said } from "../../words/said";
import classes from "./overview.module.css";

const SHOWN = 8;

const ICONS: Record<HappeningTone, IconName> = {
  ok: "circle-check",
  busy: "refresh",
  you: "alert-circle",
  bad: "alert-triangle",
  idle: "circle-dashed",
};

/** Newest first; those that came since the page looks stand before those that were asked for. */
export function Lately() {
  const words = useWords();
  const now = useNow();
  const isLive = useIsLive();
  const fresh = useView((view) => view.lately);
  const { data, error, refetch } = useCall("happenings", { limit: SHOWN }, { enabled: isLive });
  const before = (data ?? []).filter(({ id }) => !fresh.some((one) => one.id === id));
  const shown = [...fresh, ...before]
    .toSorted((a, b) => b.time_ms - a.time_ms || b.id - a.id)
    .slice(0, SHOWN);
  const problem = error && isLive ? problemOf(error) : null;
  if (!data && !problem && shown.length === 0) return null;
  return (
    <section aria-label={words.t("overview.lately")}>
      <h2 className="section-title">{words.t("overview.lately")}</h2>
      {problem ? <ProblemNote problem={problem} again={() => void refetch()} /> : null}
      {shown.length === 0 && !problem ? (
        <p className="faint sm">{words.t("happened.nothing")}</p>
      ) : (
        <ul className={classes["lately"]}>
          {shown.map((happening) => (
            <li key={happening.id}>
              <time className="num" dateTime={new Date(happening.time_ms).toISOString()}>
                {time(words, happening.time_ms, now)}
              </time>
              <span className={classes["tone"]} data-tone={happening.tone}>
                <Icon name={ICONS[happening.tone]} size={16} />
              </span>
              <span className={classes["what"]}>
                <Whom happening={happening} /> <Said message={happening.message} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Whom({ happening: { account, client } }: { happening: Happening }) {
  const named = client ?? account;
  return named ? (
    <span className={classes["whom"]}>
      <Name of={named} />
    </span>
  ) : null;
}
