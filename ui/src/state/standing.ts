/** What a state means to a person: the one form in which pages, rows and cards show any of them. */
import type { IconName } from "../components/icons";
import type { Message } from "../generated/schema";
import { message } from "../words/words";

/** Alive; goes on by itself; waits for you or works less; stopped until you act; off or unknown. */
export type Tone = "ok" | "busy" | "you" | "bad" | "idle";

/** What a button does. Calls that need more than an account are made by the page that shows them. */
export type Deed =
  | { do: "go"; to: string }
  /** The page of signers, with the dialog that adds one; in the first run its step. */
  | { do: "open_signers"; account: string; add: boolean }
  /** The page of cores; in the first run its step. */
  | { do: "open_core"; account: string }
  | {
      do: "start" | "restart" | "stop" | "login" | "reconnect" | "enable";
      account: string;
    }
  | { do: "enable_client"; account: string; client: string }
  | { do: "install_core" }
  | { do: "test_signer"; name: string }
  | { do: "retry_failed" };

/** The one button that ends a problem. */
export type Mend = { word: Message; deed: Deed };

/** A state in words. */
export type Standing = {
  tone: Tone;
  icon: IconName;
  word: Message;
  /** What happened and what to do; absent where the word says all. */
  sentence: Message | null;
  /** What else helps to understand it. */
  more: Message | null;
  mend: Mend | null;
};

/** A standing; what is left out is absent. */
export function standing(
  tone: Tone,
  icon: IconName,
  word: Message,
  rest: { sentence?: Message; more?: Message | null; mend?: Mend | null } = {},
): Standing {
  const { sentence = null, more = null, mend = null } = rest;
  return { tone, icon, word, sentence, more, mend };
}

/** For a `switch` over everything: a state without a case does not compile. */
export function never(state: never): never {
  throw new Error(`no such state: ${JSON.stringify(state)}`);
}

/** When something was received, and the time now, both in milliseconds since 1970. */
export type Clock = { received: number; now: number };

/** What is left of a time that was given in seconds, when it was received. */
export function left(seconds: number, { received, now }: Clock): number {
  return Math.max(0, Math.ceil(seconds - (now - received) / 1000));
}

/** What has passed of a time that goes on, in seconds. */
export function passed(sinceMs: number, { now }: Clock): number {
  return Math.max(0, Math.floor((now - sinceMs) / 1000));
}

/** Worst first. */
const ORDER: Record<Tone, number> = { bad: 0, you: 1, busy: 2, ok: 3, idle: 4 };

/** Sorts worst first. */
export function bySeverity(a: { tone: Tone }, b: { tone: Tone }): number {
  return ORDER[a.tone] - ORDER[b.tone];
}

/** Whether a message is, or has within it, one of these codes. */
export function holds(said: Message | null, ...codes: string[]): boolean {
  if (!said) return false;
  if (codes.includes(said.code)) return true;
  const params = Object.values(said.params ?? {}).flat();
  return params.some((param) => typeof param === "object" && holds(param, ...codes));
}

/** What is wrong with a port of ours. */
export const AT_PORT = [
  "port.in_use",
  "port.in_use_by",
  "port.in_use_by_us",
  "port.not_allowed",
  "port.reserved",
  "port.no_host",
  "port.cannot_listen",
];

/** A keyring that gives no secret, whatever it was wanted for. */
export const KEYRING = [
  "secret.keyring_absent",
  "secret.keyring_failed",
  "secret.keyring_locked",
  "secret.keyring_timeout",
];

/** Buttons that several states share. */
export const mends = {
  start: (account: string): Mend => ({
    word: message("state.do_start"),
    deed: { do: "start", account },
  }),
  tryNow: (account: string): Mend => ({
    word: message("state.do_try_now"),
    deed: { do: "start", account },
  }),
  tryAgain: (account: string): Mend => ({
    word: message("app.again"),
    deed: { do: "start", account },
  }),
  /** The text of the settings, where its mistake is marked. */
  editSettings: {
    word: message("overview.open_editor"),
    deed: { do: "go", to: "/settings/toml" },
  } as const satisfies Mend,
  retryFailed: { word: message("app.again"), deed: { do: "retry_failed" } } as const satisfies Mend,
  login: (account: string): Mend => ({
    word: message("state.do_login"),
    deed: { do: "login", account },
  }),
  reconnect: (account: string): Mend => ({
    word: message("app.retry_now"),
    deed: { do: "reconnect", account },
  }),
  /** The account's own page, at its settings. */
  accountSettings: (account: string, word: Message): Mend => ({
    word,
    deed: { do: "go", to: `/accounts/${encodeURIComponent(account)}?tab=settings` },
  }),
  loginPage: (account: string, word: Message): Mend => ({
    word,
    deed: { do: "go", to: `/accounts/${encodeURIComponent(account)}/login` },
  }),
  signers: (account: string, word: Message): Mend => ({
    word,
    deed: { do: "open_signers", account, add: false },
  }),
  addSigner: (account: string): Mend => ({
    word: message("state.do_add_signer"),
    deed: { do: "open_signers", account, add: true },
  }),
  core: (account: string, word: Message): Mend => ({ word, deed: { do: "open_core", account } }),
  /** Where a signer's address is changed. */
  signerAddress: (signer: string): Mend => ({
    word: message("state.do_change_address"),
    deed: { do: "go", to: `/signers?change=${encodeURIComponent(signer)}` },
  }),
};
