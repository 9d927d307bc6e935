/** The order of the signers: moved by hand, by keys or from a menu, saved at once, and taken back. */
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { Result } from "../../components/option";
import type { Message, SignerStatus } from "../../generated/schema";
import { useDo } from "../../store/calls";
import { message } from "../../words/words";

export type Order = {
  /** As they are to stand, also before that is saved. */
  signers: SignerStatus[];
  /** Puts one before the one that has a place now, or behind all. */
  move: (name: string, place: number) => void;
  /** Why the last order was not saved. */
  problem: Message | null;
};

/** A list with one of it at another place. */
function moved<T>(list: T[], one: T, place: number): T[] {
  const others = list.filter((other) => other !== one);
  return [...others.slice(0, place), one, ...others.slice(place)];
}

export function useOrder(known: SignerStatus[], onResult: (result: Result | null) => void): Order {
  const queries = useQueryClient();
  const order = useDo("signers_order", ["signer_list"]);
  const [wished, setWished] = useState<string[] | null>(null);
  // What is moved while an order is being saved is saved after it.
  const saving = useRef(Promise.resolve());
  const last = useRef<string[] | null>(null);
  const names = known.map(({ name }) => name);

  const put = async (wanted: string[], instead: string[], what: Message, undone: boolean) => {
    onResult(null);
    try {
      const { pending } = await order.run({ names: wanted, instead_of: instead });
      const said = undone
        ? message("settings.undone", { what })
        : message("settings.saved", { what });
      const undo = undone ? undefined : () => enqueue(instead, wanted, what, true);
      onResult({ said, pending, undo });
    } catch {
      // The page says why, and shows the order that there is.
      await queries.invalidateQueries({ queryKey: ["signer_list"] });
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
  const byWish = wished?.flatMap((name) => known.filter((one) => one.name === name)) ?? known;
  return {
    signers: byWish.length === known.length ? byWish : known,
    move: (name, place) => {
      const before = last.current ?? names;
      const within = Math.max(0, Math.min(place, before.length - 1));
      if (before.indexOf(name) === within) return;
      const what = message("signers.what_moved", { signer: name, place: within + 1 });
      enqueue(moved(before, name, within), before, what, false);
    },
    problem: order.problem,
  };
}
