/** perpetua over HTTP, on the page's own origin. */
import type { CoreJob, Event, RpcError, SessionStatus, SignInRefused } from "../generated/schema";
import { jsonLines } from "./lines";
import { isOutdated } from "./outdated";
import { type BrowserNews, CallFailed, type Platform } from "./platform";
import { keepFollowing } from "./retry";

/** A call takes this long at most. */
const CALL_LIMIT_MS = 120_000;
/** A stream that is silent for so long is asked after: a connection that broke unheard never ends. */
const SILENCE_MS = 20_000;
/** Whoever is there says so within this. */
const ANSWER_MS = 10_000;

/** A body that is an error of ours, and not one of something between us and perpetua. */
function asError(body: unknown): RpcError | null {
  const isOurs = typeof body === "object" && body !== null && "code" in body && "message" in body;
  return isOurs ? (body as RpcError) : null;
}

const JSON_BODY = { "Content-Type": "application/json" };

async function asked(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { credentials: "same-origin", cache: "no-store", ...init });
  } catch {
    throw new CallFailed(null);
  }
}

async function answered(path: string, init: RequestInit): Promise<Response> {
  const response = await asked(path, init);
  if (response.ok) return response;
  throw new CallFailed(asError(await response.json().catch(() => null)));
}

/** A body that says why nobody was let in, and not that something failed. */
function asRefused(body: unknown): SignInRefused | null {
  return typeof body === "object" && body !== null && "reason" in body
    ? (body as SignInRefused)
    : null;
}

/** Whoever leaves is asked by the browser first, and nothing reloads the page by itself. */
function ask(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

/** The way in, and who is told what comes back by the way. */
function wayIn() {
  const listeners = new Set<(news: BrowserNews) => void>();
  const tell = (news: BrowserNews) => {
    for (const told of listeners) told(news);
  };
  /** As `answered`; that nobody is signed in is told too. */
  const known = async (path: string, init: RequestInit): Promise<Response> => {
    try {
      return await answered(path, init);
    } catch (error) {
      if (error instanceof CallFailed && error.error?.code === "unauthorized") {
        tell(error.error.message.code === "http.session_expired" ? "expired" : "signed_out");
      }
      throw error;
    }
  };
  const browser: NonNullable<Platform["browser"]> = {
    status: async () => {
      const signal = AbortSignal.timeout(ANSWER_MS);
      return (await (await answered("/session", { signal })).json()) as SessionStatus;
    },
    signIn: async (credential) => {
      // Who types a token may have to open perpetua's keyring; a link is used before anything is shown.
      const signal = AbortSignal.timeout("code" in credential ? ANSWER_MS : CALL_LIMIT_MS);
      const body = JSON.stringify(credential);
      const response = await asked("/session", {
        method: "POST",
        headers: JSON_BODY,
        body,
        signal,
      });
      if (response.ok) return null;
      const told: unknown = await response.json().catch(() => null);
      const refused = asRefused(told);
      if (refused) return refused;
      throw new CallFailed(asError(told));
    },
    signOut: async () => {
      await answered("/session", { method: "DELETE", signal: AbortSignal.timeout(ANSWER_MS) });
    },
    upload: async (file) => {
      window.addEventListener("beforeunload", ask);
      try {
        const query = new URLSearchParams({ name: file.name });
        // It takes as long as the link needs; perpetua ends it when nothing comes.
        const sent = await known(`/rpc/core_upload?${query}`, { method: "POST", body: file });
        return (await sent.json()) as CoreJob;
      } finally {
        window.removeEventListener("beforeunload", ask);
      }
    },
    listen: (told) => {
      listeners.add(told);
      return () => listeners.delete(told);
    },
  };
  return { browser, known, tell };
}

/** What a stream of the state would have told: all but the numbers, which go up by themselves. */
async function stateNow(signal: AbortSignal): Promise<string> {
  const response = await answered("/rpc/status", {
    method: "POST",
    headers: JSON_BODY,
    body: "{}",
    signal,
  });
  const status: unknown = await response.json();
  return JSON.stringify(status, (_, value) => (typeof value === "number" ? undefined : value));
}

/**
 * Looks after a stream that says nothing: `broken` is called when perpetua does not answer, or has
 * changed meanwhile without a word. `heard` puts it off.
 */
function watchSilence(broken: () => void): { heard: () => void; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let before: string | null = null;
  let turn = 0;
  const ask = async () => {
    turn += 1;
    const mine = turn;
    try {
      const present = await stateNow(AbortSignal.timeout(ANSWER_MS));
      if (mine !== turn) return;
      if (before !== null && before !== present) return broken();
      before = present;
      wait();
    } catch {
      if (mine === turn) broken();
    }
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), SILENCE_MS);
  };
  const heard = () => {
    turn += 1;
    before = null;
    wait();
  };
  const stop = () => {
    turn += 1;
    clearTimeout(timer);
  };
  wait();
  return { heard, stop };
}

/** The page in a browser. */
export function browser(): Platform {
  const { browser, known, tell } = wayIn();
  let begun = 0;
  return {
    kind: "browser",
    shell: null,
    browser,
    call: async (name, params) => {
      const response = await known(`/rpc/${name}`, {
        method: "POST",
        headers: JSON_BODY,
        body: JSON.stringify(params),
        signal: AbortSignal.timeout(CALL_LIMIT_MS),
      });
      try {
        return await response.json();
      } catch {
        throw new CallFailed(null);
      }
    },
    follow: (topics, receive, link) =>
      keepFollowing(async (signal, live) => {
        const query = new URLSearchParams({ topics: topics.join(",") });
        const broken = new AbortController();
        const ended = AbortSignal.any([signal, broken.signal]);
        const silence = watchSilence(() => broken.abort());
        try {
          const response = await known(`/rpc/events?${query}`, { signal: ended });
          if (!response.body) return;
          begun += 1;
          // Whoever answers after a break may be another version.
          if (begun > 1 && (await isOutdated(ended))) tell("outdated");
          live();
          for await (const event of jsonLines(response.body)) {
            if (ended.aborted) return;
            silence.heard();
            receive(event as Event);
          }
        } finally {
          silence.stop();
        }
      }, link),
  };
}
