/** A platform that answers from a made scenario: for tests, pictures and the gallery. */
import type {
  Calls,
  CoreJob,
  Event,
  NodeStatus,
  Preferences,
  PreferencesEdit,
  SessionStatus,
  SignInCredential,
  SignInRefused,
} from "../src/generated/schema";
import type { ShellCalls, ShellEvent, ShellStatus } from "../src/generated/shell";
import {
  type Browser,
  type BrowserNews,
  CallFailed,
  type Following,
  type Link,
  type Platform,
  type Shell,
} from "../src/platform";
import { history, rates } from "./fixtures/full";

type Answer<T extends { params: unknown; reply: unknown }> = (
  params: T["params"],
) => T["reply"] | Promise<T["reply"]>;

/** What calls are answered with; one without an answer fails as an unreachable perpetua does. */
export type Answers = { [N in keyof Calls]?: Answer<Calls[N]> };
export type ShellAnswers = { [N in keyof ShellCalls]?: Answer<ShellCalls[N]> };

/** Everything that a page can find. */
export type Scenario = {
  /** The snapshot; null: none ever comes. */
  status: NodeStatus | null;
  /** Events right after the snapshot. */
  events?: Event[];
  /** How the stream stands after that. */
  link?: Link;
  answers?: Answers;
  /** With it the page is in a window. */
  shell?: ShellStatus;
  shellAnswers?: ShellAnswers;
  /** With it the page is in a browser where somebody has to sign in. */
  signIn?: {
    status: SessionStatus;
    /** Why nobody is let in; null lets in, absent: perpetua does not answer. */
    refused?: SignInRefused | null;
    /** The page was opened with a link. */
    code?: string;
    /** What it is told once something is there that a selector names; whoever shows it brings it. */
    news?: { news: BrowserNews; after: string };
  };
  /** What an upload comes to; absent: perpetua is not reached. */
  upload?: (file: File) => CoreJob | Promise<CoreJob>;
  /** The address that is opened, `/` if absent. */
  path?: string;
};

type Follower = { topics: string[]; receive: (event: Event) => void; link: (link: Link) => void };

/** A call as it was made. */
export type Called = { name: string; params: unknown };

/** `send` and `lose` are what a test does to the page; `called` is what the page did. */
export class FakePlatform implements Platform {
  readonly kind: "window" | "browser";
  readonly called: Called[] = [];
  readonly shell: Shell | null;
  readonly browser: Browser | null;
  readonly #listeners = new Set<(news: BrowserNews) => void>();
  readonly #answers: Answers;
  readonly #followers = new Set<Follower>();
  readonly #shellFollowers = new Set<(event: ShellEvent) => void>();
  #generation = 1;

  constructor(readonly scenario: Scenario) {
    this.kind = scenario.shell ? "window" : "browser";
    this.shell = scenario.shell ? this.#makeShell(scenario.shell) : null;
    this.browser = scenario.signIn ? this.#makeBrowser(scenario.signIn) : null;
    this.#answers = { ...usual(scenario), ...scenario.answers };
  }

  async call<N extends keyof Calls>(
    name: N,
    params: Calls[N]["params"],
  ): Promise<Calls[N]["reply"]> {
    this.called.push({ name, params });
    const answer = this.#answers[name];
    if (!answer) throw new CallFailed(null);
    return answer(params);
  }

  follow(topics: string[], receive: (event: Event) => void, link: (link: Link) => void): Following {
    const follower = { topics, receive, link };
    this.#followers.add(follower);
    queueMicrotask(() => {
      if (this.#followers.has(follower)) this.#begin(follower);
    });
    return { stop: () => this.#followers.delete(follower), retry: () => this.#begin(follower) };
  }

  /** What all who follow receive. A snapshot needs no generation. */
  send(event: Event): void {
    for (const follower of this.#followers) follower.receive(event);
  }

  /** How many streams of the state are followed. */
  get followers(): number {
    return [...this.#followers].filter(({ topics }) => topics.includes("state")).length;
  }

  /** A new snapshot. */
  become(status: NodeStatus): void {
    this.#generation += 1;
    this.send({ event: "snapshot", generation: this.#generation, status });
  }

  /** How the stream stands from now on. */
  stand(link: Link): void {
    for (const follower of this.#followers) follower.link(link);
  }

  /** What the program around the window tells. */
  tell(event: ShellEvent): void {
    for (const receive of this.#shellFollowers) receive(event);
  }

  /** What a browser is told beside what it asked for. */
  bring(news: BrowserNews): void {
    for (const told of this.#listeners) told(news);
  }

  #makeBrowser(signIn: NonNullable<Scenario["signIn"]>): Browser {
    return {
      status: async () => signIn.status,
      signIn: async (credential: SignInCredential) => {
        this.called.push({ name: "sign_in", params: credential });
        if (signIn.refused === undefined) throw new CallFailed(null);
        return signIn.refused;
      },
      signOut: async () => {
        this.called.push({ name: "sign_out", params: {} });
      },
      upload: async (file) => {
        this.called.push({ name: "core_upload", params: { name: file.name } });
        const { upload } = this.scenario;
        if (!upload) throw new CallFailed(null);
        return upload(file);
      },
      listen: (told) => {
        this.#listeners.add(told);
        return () => this.#listeners.delete(told);
      },
    };
  }

  #begin(follower: Follower): void {
    const { status, events = [], link } = this.scenario;
    if (follower.topics.includes("state") && status) {
      follower.link({ state: "live" });
      follower.receive({ event: "snapshot", generation: this.#generation, status });
      for (const event of events) follower.receive(event);
    }
    if (link) follower.link(link);
  }

  #makeShell(status: ShellStatus): Shell {
    const answers: ShellAnswers = { ...shellUsual(status), ...this.scenario.shellAnswers };
    return {
      call: async (name, params) => {
        this.called.push({ name, params });
        const answer = answers[name];
        if (!answer) throw new CallFailed(null);
        return answer(params);
      },
      follow: (receive) => {
        this.#shellFollowers.add(receive);
        return () => this.#shellFollowers.delete(receive);
      },
    };
  }
}

/** What a node with this snapshot answers, where it can be told from that alone. */
function usual({ status }: Scenario): Answers {
  if (!status) return {};
  return {
    status: () => status,
    read_rates: ({ minutes }) => history(status, minutes),
    happenings: () => [],
    ...keepingPreferences({
      language: "auto",
      notifications: { kinds: ["kicked", "scan_needed", "stopped"], quiet_hours: null },
      webhooks: [{ host: "hooks.example" }],
      updates: { check: true, channel: "stable" },
    }),
    webhook_test: () => ({ status: 204, took_ms: 38, problem: null }),
    settings_read: () => ({ text: "", problems: [] }),
    reconnect: () => null,
    retry_failed: () => ({ changes: [], pending: [] }),
    token: () => ({ token: "b7c1a9e2f04d4f7fa1f0c3d2e5a69788" }),
  };
}

/** Preferences that are kept as perpetua keeps them, the way back included. */
export function keepingPreferences(begin: Preferences): Answers {
  let kept = begin;
  return {
    preferences_read: () => kept,
    preferences_edit: ({ language, notification_kinds, quiet_hours, ...wanted }) => {
      const { notifications, updates } = kept;
      const undo: PreferencesEdit = {
        ...(language ? { language: kept.language } : {}),
        ...(notification_kinds ? { notification_kinds: notifications.kinds } : {}),
        ...(quiet_hours
          ? { quiet_hours: notifications.quiet_hours ?? { from_minute: 0, to_minute: 0 } }
          : {}),
        ...(wanted.update_check === undefined ? {} : { update_check: updates.check }),
        ...(wanted.update_channel ? { update_channel: updates.channel } : {}),
      };
      const isNone = quiet_hours?.from_minute === quiet_hours?.to_minute;
      kept = {
        ...kept,
        language: language ?? kept.language,
        notifications: {
          kinds: notification_kinds ?? notifications.kinds,
          quiet_hours: quiet_hours ? (isNone ? null : quiet_hours) : notifications.quiet_hours,
        },
        updates: {
          check: wanted.update_check ?? updates.check,
          channel: wanted.update_channel ?? updates.channel,
        },
      };
      return { applied: { changes: [], pending: [] }, undo };
    },
  };
}

function shellUsual(status: ShellStatus): ShellAnswers {
  return {
    shell_status: () => status,
    shell_ready: () => null,
    shell_page: () => null,
    core_choose: () => ({ path: null }),
    clipboard_write: () => null,
    autostart_set: () => status,
    notification_test: () => status,
    folder_open: () => null,
    settings_open: () => null,
    node_retry: () => ({ changed: null }),
    notices_read: () => ({ text: null }),
    update_look: () => null,
    update_download: () => null,
    update_cancel: () => null,
    update_install: () => null,
    window_close: () => null,
    quit: () => null,
  };
}

/** The counters of a snapshot as the event that carries them. */
export function ratesOf(status: NodeStatus): Event {
  return { event: "rates", accounts: rates(status) };
}
