/** The truth in one sentence: what is worst, and how many it concerns. */
import type { IconName } from "../components/icons";
import type { AccountStatus, Message } from "../generated/schema";
import type { AccountTimes, View } from "../store/view";
import { message } from "../words/words";
import { accountStanding } from "./account";
import { clientStanding } from "./client";
import { waitsForStart } from "./moving";
import { passed, type Standing, type Tone } from "./standing";

/** An account with its state. */
export type Standings = { account: AccountStatus; state: Standing }[];

/** What the overview says first. */
export type Headline = { tone: Tone; icon: IconName; title: Message };

/** What comes back by itself is worth a headline only after this long. */
const BUSY_S = 30;

const UNDATED: AccountTimes = { account: 0, upstream: 0, core: 0 };

/** Every account with its state, in the order of the settings. */
export function standings(view: View, now: number): Standings {
  const accounts = view.status?.accounts ?? [];
  return accounts.map((account) => {
    const times = view.times[account.name] ?? UNDATED;
    return { account, state: accountStanding(account, times, now) };
  });
}

/** Whether somebody has to do something for it. */
function needsSomebody({ state }: Standings[number]): boolean {
  return state.tone === "bad" || state.tone === "you";
}

/** How many accounts need somebody: the badge of the navigation. */
export function needing(view: View, now: number): number {
  return standings(view, now).filter(needsSomebody).length;
}

/** What people call an account: its nickname, or its name in the settings. */
export function nameOf({ nickname, name }: AccountStatus): string {
  return nickname || name;
}

/** A link that comes back with the first try was not missed by anybody. */
const UNMISSED_ATTEMPTS = 1;
/** perpetua that has not been there yet may still be starting. */
const STARTING_ATTEMPTS = 3;

/** Whether the connection is away for so long that somebody should know. */
export function isLost({ link, snapshots }: View): boolean {
  const few = snapshots > 0 ? UNMISSED_ATTEMPTS : STARTING_ATTEMPTS;
  return link.state === "lost" && link.attempt > few;
}

/** bad, then what waits for a person, what works less, what is out of reach or busy for long, and all is well. */
export function headline(
  view: View,
  now: number,
  { lost = isLost(view), starting = false } = {},
): Headline {
  if (starting) return said("busy", "loader-2", message("overview.perpetua_starts"));
  if (lost) return said("idle", "question-mark", message("overview.unknown"));
  if (!view.status || view.remembered)
    return said("idle", "question-mark", message("overview.opening"));
  const all = standings(view, now);
  return (
    offline(all) ??
    working(all, view, now) ??
    outOfReach(all) ??
    busy(all, now) ??
    (all.some(({ account }) => account.online)
      ? (waiting(all) ?? said("ok", "check", message("overview.ok")))
      : resting(all))
  );
}

function said(tone: Tone, icon: IconName, title: Message): Headline {
  return { tone, icon, title };
}

function offline(all: Standings): Headline | null {
  const away = all.filter((one) => needsSomebody(one) && !one.account.online);
  const [first] = away;
  if (!first) return null;
  const isBad = away.some(({ state }) => state.tone === "bad");
  if (isBad || away.length > 1) {
    const title = message("overview.bad", { count: away.length });
    return said(isBad ? "bad" : "you", "alert-triangle", title);
  }
  const name = nameOf(first.account);
  const title =
    first.account.core?.state === "waiting_for_scan"
      ? message("overview.scan", { name })
      : message("overview.you", { name });
  return said("you", first.state.icon, title);
}

/** What works, and less than it should. */
function working(all: Standings, view: View, now: number): Headline | null {
  const hampered = all.filter((one) => needsSomebody(one) && one.account.online);
  const [first] = hampered;
  if (first) {
    const title =
      hampered.length > 1
        ? message("overview.cannot_send_several", { count: hampered.length })
        : message("overview.cannot_send", { name: nameOf(first.account) });
    return said("you", first.state.icon, title);
  }
  const clients = all.flatMap(({ account }) =>
    account.clients.map((client) =>
      clientStanding(client, { account: account.name, online: account.online }, now),
    ),
  );
  const needy = clients.filter(({ tone }) => tone === "bad" || tone === "you");
  if (needy.length > 0) {
    const isBad = needy.some(({ tone }) => tone === "bad");
    const title = message("overview.clients_bad", { count: needy.length });
    return said(isBad ? "bad" : "you", "alert-circle", title);
  }
  const isWrong = view.status?.problems.some((problem) => !waitsForStart(problem));
  return isWrong ? said("you", "file-alert", message("overview.node_problem")) : null;
}

/** QQ cannot be reached: it comes back by itself, and why it is away is known at once. */
function outOfReach(all: Standings): Headline | null {
  const away = all.filter(
    ({ account, state }) => !account.online && state.tone === "busy" && account.core?.away,
  );
  const [first] = away;
  if (!first) return null;
  const count = away.length;
  const name = nameOf(first.account);
  if (away.some(({ account }) => account.core?.away?.kind === "no_network")) {
    const title =
      count > 1
        ? message("overview.no_network_several", { count })
        : message("overview.no_network", { name });
    return said("busy", "wifi-off", title);
  }
  const title =
    count > 1
      ? message("overview.qq_unreachable_several", { count })
      : message("overview.qq_unreachable", { name });
  return said("busy", "cloud-off", title);
}

function busy(all: Standings, now: number): Headline | null {
  const long = all.filter(({ account, state }) => {
    const since = account.core?.since_ms ?? account.upstream.since_ms;
    return state.tone === "busy" && passed(since, { received: now, now }) > BUSY_S;
  });
  const [first] = long;
  if (!first) return null;
  const title =
    long.length > 1
      ? message("overview.busy_several", { count: long.length })
      : message("overview.busy", { name: nameOf(first.account) });
  return said("busy", "loader-2", title);
}

/** No framework has come to any account that is online: nothing answers yet. */
function waiting(all: Standings): Headline | null {
  const online = all.filter(({ account }) => account.online);
  const isUsed = online.some(({ account }) =>
    account.clients.some(({ connections }) => connections.length > 0),
  );
  return isUsed ? null : said("busy", "loader-2", message("overview.awaits_bot"));
}

/** Nothing is online and nothing needs anybody: it begins, or it is off. */
function resting(all: Standings): Headline {
  return all.some(({ state }) => state.tone === "busy")
    ? said("busy", "loader-2", message("overview.starting"))
    : said("idle", "player-pause", message("overview.off"));
}
