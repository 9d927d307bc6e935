/**
 * The one store of the page: fed by one stream of events, read in slices.
 *
 * Events wait for the next picture, or 250 ms where none is drawn; a picture takes 8 ms of them at
 * most, the rest waits for the one after. While the page is hidden nothing is followed; when it is
 * seen again everything comes in one snapshot, and what does not come at once does not pass for live.
 */
import type { Event } from "../generated/schema";
import type { Following, Link, Platform } from "../platform";
import { now, setClock, turnedBy } from "../platform/clock";
import type { Cache } from "./cache";
import { tickNow } from "./ticker";
import { after, NOTHING, remembering, type View } from "./view";

const HELD_BACK_MS = 250;
const PER_PICTURE_MS = 8;
/** A window that is shown tells it twice: by the page's visibility and by the shell. */
const SAME_RETURN_MS = 1000;
/** The snapshot of a return is there sooner than this; a page that greyed for it would only flicker. */
const RETURN_MS = 300;

/** How often the system's time is looked at: a countdown that is off for longer would be seen. */
const WATCH_MS = 1000;

/** Two turns of the system's time that differ by less are one. */
const SAME_TURN_MS = 2000;

/** What the store follows by itself; pages follow the rest while they are looked at. */
const TOPICS = ["state", "rates", "core", "settings"];

/** Fed by the stream; pages read it through `useView`. */
export class Store {
  #view: View = NOTHING;
  #waiting: Event[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #picture: number | undefined;
  #following: Following | null = null;
  #followedAt = 0;
  /** By how much the system's time had been turned when that was last seen. */
  #turned = 0;
  #watching: ReturnType<typeof setInterval> | undefined;
  #returning: ReturnType<typeof setTimeout> | undefined;
  readonly #readers = new Set<() => void>();

  constructor(
    private readonly platform: Platform,
    private readonly cache: Cache,
  ) {
    setClock();
    const remembered = cache.read();
    if (remembered) this.#view = remembering(remembered.status, remembered.at);
  }

  /** Begins to follow; ends with what it returns. */
  start(): () => void {
    const turned = () => (document.visibilityState === "visible" ? this.resume() : this.#pause());
    document.addEventListener("visibilitychange", turned);
    turned();
    return () => {
      document.removeEventListener("visibilitychange", turned);
      this.#pause();
    };
  }

  /** Everything comes afresh: the page was hidden, or the machine slept. */
  resume(): void {
    if (this.#following && performance.now() - this.#followedAt < SAME_RETURN_MS) return;
    this.#pause();
    this.#follow();
  }

  /** A clock that was turned is taken with a snapshot, which dates everything by it; once a turn. */
  #watchClock(): void {
    const turned = turnedBy();
    if (turned === 0 || Math.abs(turned - this.#turned) < SAME_TURN_MS) return;
    this.#turned = turned;
    if (this.#view.link.state === "live") this.resume();
  }

  /** A snapshot dates everything anew, by the system's time as it is now. */
  #setClock(): void {
    const isOther = turnedBy() !== 0;
    setClock();
    this.#turned = 0;
    if (isOther) tickNow();
  }

  #follow(): void {
    this.#followedAt = performance.now();
    this.#watching = setInterval(() => this.#watchClock(), WATCH_MS);
    this.#returning = setTimeout(() => this.#isLate(), RETURN_MS);
    this.#following = this.platform.follow(TOPICS, this.#receive, this.#linked);
  }

  /** Tries again now, if the connection is lost. */
  retry(): void {
    if (this.#view.link.state !== "live") this.#following?.retry();
  }

  /** perpetua has just started: it is asked at once, and what failed before counts no more. */
  arrived(): void {
    if (this.#view.link.state === "live" || !this.#following) return;
    this.#pause();
    this.#set({ ...this.#view, link: { state: "opening" } });
    this.#follow();
  }

  read = (): View => this.#view;

  subscribe = (reader: () => void): (() => void) => {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  };

  /** Still without a snapshot: what is shown is from before. */
  #isLate(): void {
    this.#flush(Number.POSITIVE_INFINITY);
    if (this.#returning !== undefined && this.#view.status)
      this.#set({ ...this.#view, remembered: true });
  }

  #pause(): void {
    clearTimeout(this.#returning);
    this.#returning = undefined;
    clearInterval(this.#watching);
    this.#following?.stop();
    this.#following = null;
    this.#flush(Number.POSITIVE_INFINITY);
  }

  #linked = (link: Link): void => {
    if (link.state === "lost") this.#flush(Number.POSITIVE_INFINITY);
    this.#set({ ...this.#view, link });
  };

  #receive = (event: Event): void => {
    if (event.event === "snapshot") {
      clearTimeout(this.#returning);
      this.#returning = undefined;
    }
    this.#waiting.push(event);
    if (this.#timer !== undefined) return;
    // Where pictures are drawn this is one of them that came late.
    const budget = document.visibilityState === "visible" ? PER_PICTURE_MS : HELD_BACK_MS;
    this.#timer = setTimeout(() => this.#flush(budget), HELD_BACK_MS);
    this.#picture = requestAnimationFrame(() => this.#flush(PER_PICTURE_MS));
  };

  #flush(budget: number): void {
    clearTimeout(this.#timer);
    if (this.#picture !== undefined) cancelAnimationFrame(this.#picture);
    this.#timer = undefined;
    const begun = performance.now();
    const waiting = this.#waiting;
    this.#waiting = [];
    let view = this.#view;
    let taken = 0;
    for (const event of waiting) {
      if (event.event === "snapshot") this.#setClock();
      view = after(view, event, now());
      taken += 1;
      if (performance.now() - begun > budget) break;
    }
    this.#set(view);
    for (const event of waiting.slice(taken)) this.#receive(event);
  }

  #set(view: View): void {
    if (view === this.#view) return;
    const isNews = view.status !== this.#view.status;
    this.#view = view;
    if (isNews && view.status && !view.remembered) this.cache.keep(view.status, view.changedAt);
    for (const reader of this.#readers) reader();
  }
}
