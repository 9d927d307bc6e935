/** What the pages may ask of the program around them. Window and browser each have their own. */
import type {
  Calls,
  CoreJob,
  Event,
  Message,
  RpcError,
  SessionStatus,
  SignInCredential,
  SignInRefused,
} from "../generated/schema";
import type { ShellCalls, ShellEvent } from "../generated/shell";

/** How the stream of events stands. */
export type Link =
  | { state: "live" }
  /**
   * `retryAt` is when it is tried again, in milliseconds since 1970; `attempt` counts from 1. `problem` is what
   * perpetua answers meanwhile.
   */
  | { state: "lost"; attempt: number; retryAt: number; problem?: Message };

/** A stream that is being followed. */
export type Following = {
  /** Ends it. */
  stop: () => void;
  /** Tries again now instead of later, if it is lost. */
  retry: () => void;
};

/** The window or the browser. */
export interface Platform {
  readonly kind: "window" | "browser";
  /** Rejects with `CallFailed`. */
  call<N extends keyof Calls>(name: N, params: Calls[N]["params"]): Promise<Calls[N]["reply"]>;
  /** Follows topics until it is stopped; it connects again by itself. */
  follow(topics: string[], receive: (event: Event) => void, link: (link: Link) => void): Following;
  /** What only a window has. */
  readonly shell: Shell | null;
  /** What only a browser has. */
  readonly browser: Browser | null;
}

/** What a browser is told beside what it asked for. */
export type BrowserNews =
  /** A call was refused because nobody is signed in here any longer: somebody has ended it. */
  | "signed_out"
  /** As that, by time alone. */
  | "expired"
  /** perpetua has other pages than this one. */
  | "outdated";

/** The way in from a browser. All reject with `CallFailed`. */
export interface Browser {
  status(): Promise<SessionStatus>;
  /** Null: signed in. */
  signIn(credential: SignInCredential): Promise<SignInRefused | null>;
  signOut(): Promise<void>;
  /** Sends an archive of the core, for as long as that takes; it is then installed. */
  upload(file: File): Promise<CoreJob>;
  /** Ends with what it returns. */
  listen(told: (news: BrowserNews) => void): () => void;
}

/** The program around the window. */
export interface Shell {
  /** Rejects with `CallFailed`. */
  call<N extends keyof ShellCalls>(
    name: N,
    params: ShellCalls[N]["params"],
  ): Promise<ShellCalls[N]["reply"]>;
  follow(receive: (event: ShellEvent) => void): () => void;
}

/** A call that did not work; without `error` perpetua was not reached at all. */
export class CallFailed extends Error {
  constructor(readonly error: RpcError | null) {
    super(error?.message.code ?? "unreachable");
    this.name = "CallFailed";
  }
}
