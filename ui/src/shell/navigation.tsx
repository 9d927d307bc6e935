/** The way to the pages there are: a sidebar, a rail where it is narrow, a bar of tabs on a phone. */
import { Link, useRouterState } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Icon } from "../components/icon";
import { useCoreNews } from "../components/installation/cores";
import { now } from "../platform/clock";
import { needing } from "../state/headline";
import { useIsLive, useSession, useView } from "../store/context";
import { useNow } from "../store/ticker";
import { duration } from "../words/amounts";
import { useWords } from "../words/context";
import { message } from "../words/words";
import { Mark, NAME } from "./mark";
import classes from "./navigation.module.css";
import { isWithin, type Place, useHasCores, usePlaces } from "./places";
import { useShellStatus } from "./shell-status";
import { SignOut } from "./sign-out";

/** On a phone what is not of every day shares a tab, where it is more than one page. */
export function Navigation() {
  const words = useWords();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const places = usePlaces();
  const { daily, rest } = places;
  const shares = rest.length > 1;
  const isOfMore = path === "/more" || rest.some(({ to }) => isWithin(to, path, places));
  const signs: Partial<Record<Place["to"], ReactNode>> = { "/": <Needed />, "/core": <CoreNews /> };
  const link = ({ to, word, icon }: Place) => (
    <Link
      to={to}
      className={classes["place"]}
      activeProps={{}}
      aria-current={isWithin(to, path, places) ? "page" : undefined}
    >
      <Icon name={icon} />
      <span>{words.say({ code: word })}</span>
      {signs[to]}
    </Link>
  );
  return (
    <nav className={classes["side"]} aria-label={words.t("app.navigation")}>
      <div className={classes["brand"]}>
        <Mark />
        <b>{NAME}</b>
      </div>
      <ul className={classes["places"]}>
        {daily.map((place) => (
          <li key={place.to}>{link(place)}</li>
        ))}
        {rest.map((place) => (
          <li key={place.to} className={shares ? classes["rest"] : undefined}>
            {link(place)}
          </li>
        ))}
        {shares ? (
          <li className={classes["more"]}>
            <Link
              to="/more"
              className={classes["place"]}
              activeProps={{}}
              aria-current={isOfMore ? "page" : undefined}
            >
              <Icon name="dots" />
              <span>{words.t("app.more")}</span>
              <CoreNews />
            </Link>
          </li>
        ) : null}
      </ul>
      <Foot />
    </nav>
  );
}

/** How many accounts need somebody. */
function Needed() {
  const words = useWords();
  const needed = useView((view) => (view.remembered ? 0 : needing(view, now())));
  return needed > 0 ? (
    <span className={classes["badge"]}>
      <span aria-hidden>{needed}</span>
      <span className="unseen">{words.say(message("app.need_you", { count: needed }))}</span>
    </span>
  ) : null;
}

/** A dot while there is something to see about cores. */
export function CoreNews() {
  const words = useWords();
  const isLive = useIsLive();
  const hasCores = useHasCores();
  const news = useCoreNews(isLive && hasCores);
  return news ? (
    <span className={classes["dot"]}>
      <span className="unseen">{words.say(news)}</span>
    </span>
  ) : null;
}

/** The version, or the way to a newer one. */
function Version({ version }: { version: string }) {
  const words = useWords();
  const update = useShellStatus()?.update.stage;
  const newer = useView((view) => view.status?.update?.newer?.version);
  const isReady = update?.is === "ready";
  if (!isReady && !newer) return <div>{words.t("app.version", { version })}</div>;
  return (
    <Link to="/settings/$section" params={{ section: "updates" }}>
      {isReady || !newer
        ? words.t("app.restart_to_update")
        : words.t("settings.update_out", { version: newer })}
    </Link>
  );
}

function Foot() {
  const words = useWords();
  const now = useNow();
  const version = useView((view) => view.status?.version);
  const startedAt = useView((view) =>
    view.status && !view.remembered ? view.snapshotAt - view.status.uptime_s * 1000 : null,
  );
  const signedIn = useSession() !== null;
  if (!version && !signedIn) return null;
  return (
    <div className={`${classes["foot"]} num`}>
      <SignOut />
      {startedAt === null ? null : (
        <div>{words.t("app.up", { duration: duration(words, (now - startedAt) / 1000) })}</div>
      )}
      {version ? <Version version={version} /> : null}
    </div>
  );
}
