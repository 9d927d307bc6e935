/** The order of a list of the settings: moved by hand, by keys or from a menu, saved at once, and taken back. */
import { useRef, useState } from "react";
import type { Message } from "../generated/schema";
import { message } from "../words/words";
import type { Result } from "./option";

export type Order<T> = {
  /** As they are to stand, also before that is saved. */
  list: T[];
  /** Puts one before the one that has a place now, or behind all. */
  move: (key: string, place: number) => void;
};

type Wish<T> = {
  known: T[];
  /** What tells one from the others. */
  keyOf: (one: T) => string;
  /** Rejects when it was refused; then the list is asked for again. */
  save: (wanted: string[], instead: string[]) => Promise<{ pending: Message[] }>;
  again: () => Promise<void>;
  /** Says that one of them has another place now, counted from 1. */
  moved: (key: string, place: number) => Message;
  onResult: (result: Result | null) => void;
};

/** A list with one of it at another place. */
function withMoved<T>(list: T[], one: T, place: number): T[] {
  const others = list.filter((other) => other !== one);
  return [...others.slice(0, place), one, ...others.slice(place)];
}

export function useOrder<T>({ known, keyOf, ...wish }: Wish<T>): Order<T> {
  const [wished, setWished] = useState<string[] | null>(null);
  // What is moved while an order is being saved is saved after it.
  const saving = useRef(Promise.resolve());
  const last = useRef<string[] | null>(null);
  const keys = known.map(keyOf);

  const put = async (wanted: string[], instead: string[], what: Message, undone: boolean) => {
    wish.onResult(null);
    try {
      const { pending } = await wish.save(wanted, instead);
      const said = undone
        ? message("settings.undone", { what })
        : message("settings.saved", { what });
      const undo = undone ? undefined : () => enqueue(instead, wanted, what, true);
      wish.onResult({ said, pending, undo });
    } catch {
      // The page says why, and shows the order that there is.
      await wish.again();
    }
    if (last.current === wanted) {
      last.current = null;
      setWished(null);
    }
  };
  const enqueue = (wanted: string[], instead: string[], what: Message, undone: boolean) => {
    last.current = wanted;
    setWished(wanted);
    saving.current = saving.current.then(() => put(wanted, instead, what, undone));
  };
  const byWish = wished?.flatMap((key) => known.filter((one) => keyOf(one) === key)) ?? known;
  return {
    list: byWish.length === known.length ? byWish : known,
    move: (key, place) => {
      const before = last.current ?? keys;
      const within = Math.max(0, Math.min(place, before.length - 1));
      if (before.indexOf(key) === within) return;
      enqueue(withMoved(before, key, within), before, wish.moved(key, within + 1), false);
    },
  };
}
