/**
 * What is said in one simulator: its people, and the lines of each chat. Lives outside of React; fed by the
 * stream, filled from the node's history. Read by `useTalk`.
 */
import type { ChatId, ChatLine, Event, Message, World } from "../../generated/schema";
import type { Following, Platform } from "../../platform";
import { problemOf } from "../../store/calls";
import type { Draft } from "./draft";
import { type ChatKey, chatOf, groupsOf, keyOf } from "./place";

/** Lines that are kept of each chat. */
export const KEPT = 500;
/** Lines that are asked for at once. */
const PAGE = 100;
/** Lines wait this long for the next picture where none is drawn. */
const HELD_BACK_MS = 250;

/** The lines of one chat, oldest first. */
export type Room = {
  lines: ChatLine[];
  /** Whether the node has older ones. */
  more: boolean;
  /** Whether the page has asked for its lines. */
  opened: boolean;
  /** Whether they have come. */
  loaded: boolean;
  problem: Message | null;
};

/** All that a page may read. */
export type TalkView = {
  world: World | null;
  /** Why there are no people. */
  problem: Message | null;
  rooms: Readonly<Record<ChatKey, Room>>;
};

/** A chat of which nothing is known yet. */
export const NO_ROOM: Room = {
  lines: [],
  more: false,
  opened: false,
  loaded: false,
  problem: null,
};

/** Both lists as one, each line once, the latest of `KEPT`. */
function merged(present: ChatLine[], added: ChatLine[]): ChatLine[] {
  const last = present.at(-1);
  const first = added[0];
  if (!first) return present;
  if (!last || first.id > last.id) return [...present, ...added].slice(-KEPT);
  const byId = new Map([...present, ...added].map((line) => [line.id, line]));
  return [...byId.values()].sort((a, b) => a.id - b.id).slice(-KEPT);
}

/**
 * A page of the newest lines, after some may have been missed. Where the page does not reach what is
 * there, that goes: a hole in between would be seen by nobody, and "older" asks before the first only.
 */
function renewed(present: ChatLine[], page: ChatLine[], isWhole: boolean): ChatLine[] {
  const oldest = page[0];
  const known = new Set(present.map(({ id }) => id));
  if (!oldest || isWhole || page.some(({ id }) => known.has(id))) return merged(page, present);
  // What came while it was asked for is newer, and stays.
  return merged(
    page,
    present.filter(({ id }) => id > oldest.id),
  );
}

/** One simulator, for as long as the page shows it. */
export class Talk {
  #view: TalkView = { world: null, problem: null, rooms: {} };
  #waiting: ChatLine[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #picture: number | undefined;
  #following: Following | null = null;
  /** Counts the questions who lives there: an answer that was overtaken is not the last word. */
  #met = 0;
  readonly #readers = new Set<() => void>();
  /** What is being written in each chat. */
  readonly drafts = new Map<ChatKey, Draft>();
  /** What was said last in each chat from here, its pictures too. */
  readonly said = new Map<ChatKey, Draft>();

  constructor(
    private readonly platform: Platform,
    readonly account: string,
  ) {}

  /** Begins to follow, and follows nothing while the page is hidden; ends with what it returns. */
  start(): () => void {
    const turned = () => {
      if (document.visibilityState !== "visible") this.#pause();
      else if (!this.#following) {
        this.#follow();
        this.#again();
      }
    };
    document.addEventListener("visibilitychange", turned);
    this.#follow();
    void this.meet();
    return () => {
      document.removeEventListener("visibilitychange", turned);
      this.#pause();
    };
  }

  /** The state begins with a snapshot, which tells that the stream is there before anybody speaks. */
  #follow(): void {
    const topics = ["state", `simulator:${this.account}`];
    let wasLost = false;
    this.#following = this.platform.follow(topics, this.#receive, (link) => {
      if (link.state === "live" && wasLost) this.#again();
      wasLost = link.state !== "live";
    });
  }

  #pause(): void {
    this.#following?.stop();
    this.#following = null;
    if (this.#timer !== undefined) this.#flush();
  }

  read = (): TalkView => this.#view;

  subscribe = (reader: () => void): (() => void) => {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  };

  /** Asks who lives there, and for the last line of each chat. */
  async meet(): Promise<void> {
    this.#met += 1;
    const turn = this.#met;
    try {
      const world = await this.platform.call("simulator_world", { account: this.account });
      if (turn !== this.#met) return;
      this.#set({ ...this.#view, world, problem: null });
      const chats: ChatId[] = [
        ...groupsOf(world).map(({ group_id }) => ({ group: group_id })),
        ...[...world.friends, ...world.strangers].map(({ user_id }) => ({ user: user_id })),
      ];
      const unread = chats.filter((chat) => !this.#view.rooms[keyOf(chat)]);
      await Promise.all(unread.map((chat) => this.#fetch(chat, { limit: 1 })));
    } catch (error) {
      if (turn === this.#met) this.#set({ ...this.#view, problem: problemOf(error) });
    }
  }

  /** Asks for the lines of a chat, if it has not. */
  open(chat: ChatId): void {
    if (this.#view.rooms[keyOf(chat)]?.opened) return;
    this.#change(chat, (room) => ({ ...room, opened: true, problem: null }));
    void this.#fetch(chat, { limit: PAGE });
  }

  /** Asks again after a failure. */
  retry(chat: ChatId): void {
    this.#change(chat, (room) => ({ ...room, opened: false }));
    this.open(chat);
  }

  /** Asks for lines before the oldest one. */
  async older(chat: ChatId): Promise<void> {
    const first = this.#view.rooms[keyOf(chat)]?.lines[0];
    if (first) await this.#fetch(chat, { limit: PAGE, before: first.id });
  }

  async #fetch(chat: ChatId, which: { limit: number; before?: number }): Promise<void> {
    try {
      const page = await this.platform.call("chat_history", {
        account: this.account,
        chat,
        ...which,
      });
      this.#change(chat, (room) => {
        const isOlder = which.before !== undefined;
        const lines = isOlder
          ? merged(page.lines, room.lines)
          : renewed(room.lines, page.lines, !page.more);
        // A page of the newest says nothing of what is older than what is kept.
        const begins = page.lines.length === 0 || lines[0]?.id === page.lines[0]?.id;
        const more = (begins ? page.more : room.more) && lines.length < KEPT;
        return { ...room, lines, more, loaded: room.loaded || which.limit === PAGE, problem: null };
      });
    } catch (error) {
      this.#change(chat, (room) => ({ ...room, problem: problemOf(error) }));
    }
  }

  /** Something was missed: everything that is shown is asked for again. */
  #again(): void {
    void this.meet();
    for (const [key, room] of Object.entries(this.#view.rooms)) {
      const chat = chatOf(key);
      if (chat) void this.#fetch(chat, { limit: room.opened ? PAGE : 1 });
    }
  }

  #receive = (event: Event): void => {
    if (event.event === "world_changed") void this.meet();
    if (event.event === "missed") this.#again();
    if (event.event !== "shown" || event.account !== this.account) return;
    this.#waiting.push(event.shown);
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(this.#flush, HELD_BACK_MS);
    this.#picture = requestAnimationFrame(this.#flush);
  };

  #flush = (): void => {
    clearTimeout(this.#timer);
    if (this.#picture !== undefined) cancelAnimationFrame(this.#picture);
    this.#timer = undefined;
    const added = new Map<ChatKey, ChatLine[]>();
    for (const line of this.#waiting) {
      const key = keyOf(line.place.chat);
      const lines = added.get(key);
      if (lines) lines.push(line);
      else added.set(key, [line]);
    }
    this.#waiting = [];
    const rooms = { ...this.#view.rooms };
    for (const [key, lines] of added) {
      const room = rooms[key] ?? NO_ROOM;
      const kept = merged(room.lines, lines);
      rooms[key] = { ...room, lines: kept, more: room.more && kept.length < KEPT };
    }
    this.#set({ ...this.#view, rooms });
  };

  #change(chat: ChatId, change: (room: Room) => Room): void {
    const key = keyOf(chat);
    const rooms = { ...this.#view.rooms, [key]: change(this.#view.rooms[key] ?? NO_ROOM) };
    this.#set({ ...this.#view, rooms });
  }

  #set(view: TalkView): void {
    this.#view = view;
    for (const reader of this.#readers) reader();
  }
}
