/** What the page knows of perpetua: the last snapshot with the changes since, and when each part came. */
import type {
  AccountRates,
  AccountStatus,
  CoreJob,
  CoreStep,
  Event,
  Happening,
  NodeStatus,
  SettingsProblem,
} from "../generated/schema";
import type { Link } from "../platform";

/**
 * When a part was received, in milliseconds since 1970. "In 12 s" in a reply means 12 s after that;
 * `now` is the clock of whoever asks.
 */
export type AccountTimes = { account: number; upstream: number; core: number };

/** Everything a page may read. */
export type View = {
  /** `opening` until the first answer. */
  link: Link | { state: "opening" };
  /** Absent until the first snapshot, of this start or of the last one. */
  status: NodeStatus | null;
  /** Counts the changes; one that is not greater is already in the snapshot. */
  generation: number;
  /** When the snapshot or its last change came. */
  changedAt: number;
  /** When the snapshot came, which dates `uptime_s`. */
  snapshotAt: number;
  /** By the account's name. */
  times: Record<string, AccountTimes>;
  /** By the account's name. */
  rates: Record<string, AccountRates>;
  /** How often everything came afresh; what was asked for before may have been missed to change. */
  snapshots: number;
  /** An installation of a core, once one was told of since the snapshot. */
  job: CoreJob | null;
  /** What that installation did last, while it went on. */
  jobStep: CoreStep | null;
  /** What happened since the snapshot, newest first. */
  lately: Happening[];
  /**
   * What is wrong with the settings file, null until it is told since the snapshot; and how often the
   * file was applied or refused.
   */
  settings: { problems: SettingsProblem[] | null; changes: number };
  /** Whether `status` is from an earlier start of the page and nothing has confirmed it. */
  remembered: boolean;
};

/** As many as perpetua keeps. */
const MOST_LATELY = 200;

/** Before anything is known. */
export const NOTHING: View = {
  link: { state: "opening" },
  status: null,
  generation: 0,
  changedAt: 0,
  snapshotAt: 0,
  times: {},
  rates: {},
  snapshots: 0,
  job: null,
  jobStep: null,
  lately: [],
  settings: { problems: null, changes: 0 },
  remembered: false,
};

type Change = Extract<Event, { generation: number }>;

/** What the page knows after an event that came at `now`. */
export function after(view: View, event: Event, now: number): View {
  switch (event.event) {
    case "snapshot":
      return {
        ...withSnapshot(view, event.status, now),
        generation: event.generation,
        snapshots: view.snapshots + 1,
      };
    case "rates":
      return { ...view, rates: byAccount(event.accounts) };
    case "core_job":
      return {
        ...view,
        job: event.job,
        jobStep: event.job.state === "running" ? event.job.step : view.jobStep,
      };
    case "node_changed":
    case "account_changed":
    case "upstream_changed":
    case "client_changed":
    case "core":
      if (event.generation <= view.generation) return view;
      return { ...changed(view, event, now), generation: event.generation };
    case "happened": {
      // What happens again keeps its number.
      const others = view.lately.filter(({ id }) => id !== event.happening.id);
      return { ...view, lately: [event.happening, ...others].slice(0, MOST_LATELY) };
    }
    case "settings": {
      const { problems } = event;
      return { ...view, settings: { problems, changes: view.settings.changes + 1 } };
    }
    case "account":
    case "core_line":
    case "missed":
    case "shown":
    case "world_changed":
      // The snapshot tells it too, or it concerns a page of its own.
      return view;
  }
}

/** What the page shows before it has heard anything: the snapshot of last time, dated. */
export function remembering(status: NodeStatus, at: number): View {
  return { ...withSnapshot(NOTHING, status, at), remembered: true };
}

/** What is told beside the snapshot may have changed unheard before it: it is asked for anew. */
function withSnapshot(view: View, status: NodeStatus, now: number): View {
  const times = { account: now, upstream: now, core: now };
  return {
    ...view,
    status,
    changedAt: now,
    snapshotAt: now,
    times: Object.fromEntries(status.accounts.map(({ name }) => [name, times])),
    job: null,
    jobStep: null,
    lately: [],
    settings: { ...view.settings, problems: null },
    remembered: false,
  };
}

function byAccount(rates: AccountRates[]): Record<string, AccountRates> {
  return Object.fromEntries(rates.map((account) => [account.account, account]));
}

function changed(view: View, event: Exclude<Change, { event: "snapshot" }>, now: number): View {
  if (!view.status) return view;
  switch (event.event) {
    case "node_changed": {
      const { problems, notices } = event;
      return { ...view, status: { ...view.status, problems, notices }, changedAt: now };
    }
    case "account_changed":
      return withAccount(view, event.account.name, () => event.account, now, [
        "account",
        "upstream",
        "core",
      ]);
    case "upstream_changed":
      return withAccount(
        view,
        event.account,
        (account) => ({ ...account, upstream: event.upstream }),
        now,
        ["upstream"],
      );
    case "client_changed":
      return withAccount(
        view,
        event.account,
        (account) => withClient(account, event.client),
        now,
        [],
      );
    case "core":
      return withAccount(
        view,
        event.account,
        (account) => ({ ...account, core: event.status }),
        now,
        ["core"],
      );
  }
}

function withClient(
  account: AccountStatus,
  client: AccountStatus["clients"][number],
): AccountStatus {
  const known = account.clients.some(({ name }) => name === client.name);
  const clients = known
    ? account.clients.map((present) => (present.name === client.name ? client : present))
    : [...account.clients, client];
  return { ...account, clients };
}

function withAccount(
  view: View,
  name: string,
  change: (account: AccountStatus) => AccountStatus,
  now: number,
  dated: (keyof AccountTimes)[],
): View {
  if (!view.status) return view;
  const accounts = view.status.accounts.map((account) =>
    account.name === name ? change(account) : account,
  );
  const before = view.times[name] ?? { account: now, upstream: now, core: now };
  const times = { ...before, ...Object.fromEntries(dated.map((part) => [part, now])) };
  return {
    ...view,
    status: { ...view.status, accounts },
    changedAt: now,
    times: { ...view.times, [name]: times },
  };
}
