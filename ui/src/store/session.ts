/** Whether somebody is signed in here, in a browser; and the way in and out. */
import type { SignInCredential, SignInRefused } from "../generated/schema";
import type { Browser, BrowserNews } from "../platform";
import { now } from "../platform/clock";
import { losesSomething, mayReload } from "../platform/reload";

/** How this browser stands. */
export type SessionState =
  | { state: "in" }
  | {
      state: "out";
      /** Pages are open behind it, as they were. */
      opened: boolean;
      /** Why the last token or link did not let in. */
      refused: SignInRefused | null;
      /** Until when wrong tokens of this address are not counted. */
      lockedUntil: number | null;
      /** Somebody was signed in here until now. */
      ended: boolean;
      /** A link that perpetua did not answer; it may still let in. */
      link: { code: string; error: unknown } | null;
      /** Why perpetua could not sign this browser out for good: it may be let in again later. */
      unended: { error: unknown } | null;
    }
  /** perpetua has other pages by now; this one loads anew, by itself if nothing is lost by that. */
  | { state: "outdated"; loses: boolean };

const NEVER_IN = {
  opened: false,
  refused: null,
  lockedUntil: null,
  ended: false,
  link: null,
  unended: null,
};

type Out = Extract<SessionState, { state: "out" }>;

function until(seconds: number): number {
  return now() + seconds * 1000;
}

/** Where links of `perpetuad ui` lead. */
const SIGN_IN_PATH = "/signin";

/** Asked before anything is shown. */
export class Session {
  #state: SessionState = { state: "in" };
  #opened = false;
  /** Whoever said "later" is not asked again. */
  #stays = false;
  /** The way out that failed last, until it is gone or somebody comes in. */
  #unended: { error: unknown } | null = null;
  readonly #readers = new Set<() => void>();

  /** `forget` drops what this browser has kept of perpetua. */
  constructor(
    private readonly browser: Browser,
    private readonly forget: () => void,
  ) {
    browser.listen(this.#told);
  }

  /** Uses the link that the page was opened with, or looks whether somebody is signed in already. */
  async open(): Promise<void> {
    const code = new URLSearchParams(location.hash.slice(1)).get("code");
    const isLink = location.pathname === SIGN_IN_PATH;
    // It leads nowhere after it was used, and nobody should find it in the history.
    if (isLink) history.replaceState(null, "", "/");
    await this.#enter(isLink ? code : null);
  }

  async #enter(code: string | null): Promise<void> {
    if (code !== null && (await this.#byLink(code))) return;
    try {
      const { signed_in, locked_s } = await this.browser.status();
      if (signed_in) this.#in();
      else {
        const lockedUntil = locked_s === null ? null : until(locked_s);
        this.#out({ refused: this.#refused(), lockedUntil });
      }
    } catch {
      // Nobody answers: the pages say so, and a call that is refused later tells the rest.
    }
  }

  /** Whether it let in; rejects as a call does. */
  async signIn(credential: SignInCredential): Promise<boolean> {
    const refused = await this.browser.signIn(credential);
    if (refused === null) this.#in();
    else {
      const { opened, ended, link } = this.#state.state === "out" ? this.#state : NEVER_IN;
      const lockedUntil = refused.reason === "locked" ? until(refused.seconds) : null;
      this.#out({ opened, ended, refused, lockedUntil, link: "code" in credential ? null : link });
    }
    return refused === null;
  }

  /** Uses a link once more that perpetua did not answer. */
  async again(): Promise<void> {
    if (this.#state.state === "out" && this.#state.link) await this.#enter(this.#state.link.code);
  }

  /**
   * Ends the session, and everything that was open; rejects as a call does. One that perpetua could end for now only
   * is told as ended meanwhile, before the answer or after it.
   */
  async signOut(): Promise<void> {
    try {
      await this.browser.signOut();
    } catch (error) {
      this.#unended = { error };
      if (this.#state.state === "out") this.#set({ ...this.#state, unended: this.#unended });
      throw error;
    }
    this.#unended = null;
    this.#out({});
    location.assign("/");
  }

  /** The page goes on as it is, beside a perpetua that has another. */
  later(): void {
    this.#stays = true;
    this.#in();
  }

  /** Does something for as long as somebody is signed in; `begin` returns what ends it. */
  during(begin: () => () => void): void {
    let end: (() => void) | null = null;
    const look = () => {
      const isIn = this.#state.state === "in";
      if (isIn) this.#opened = true;
      if (isIn && end === null) end = begin();
      if (!isIn && end !== null) {
        end();
        end = null;
      }
    };
    this.subscribe(look);
    look();
  }

  read = (): SessionState => this.#state;

  subscribe = (reader: () => void): (() => void) => {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  };

  #told = (news: BrowserNews): void => {
    if (news === "outdated") {
      // A page that is still another one after it was loaded anew is kept by something on the way; it goes on.
      if (!this.#stays && mayReload()) this.#set({ state: "outdated", loses: losesSomething() });
    } else if (this.#state.state === "in") {
      // What a session showed that somebody has ended is not for whoever sits here now.
      this.#out({ opened: this.#opened && news === "expired", ended: this.#opened });
    }
  };

  /** Whether it is settled who is here: false if somebody may be signed in without the link. */
  async #byLink(code: string): Promise<boolean> {
    try {
      return await this.signIn({ code });
    } catch (error) {
      this.#out({ link: { code, error } });
      return true;
    }
  }

  #refused(): SignInRefused | null {
    return this.#state.state === "out" ? this.#state.refused : null;
  }

  #in(): void {
    this.#unended = null;
    this.#set({ state: "in" });
  }

  /** What goes on while somebody is signed in ends first: it may keep what it last heard. */
  #out(how: Partial<Omit<Out, "state">>): void {
    this.#set({ state: "out", ...NEVER_IN, unended: this.#unended, ...how });
    if (!how.opened) this.#opened = false;
    this.forget();
  }

  #set(state: SessionState): void {
    this.#state = state;
    for (const reader of this.#readers) reader();
  }
}
