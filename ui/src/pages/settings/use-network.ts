/** The settings of the network: read, and changed one at a time, each with what that did. */
import { useState } from "react";
import type { Result } from "../../components/option";
import type { Message, NetworkChange, NetworkSettings } from "../../generated/schema";
import { CallFailed } from "../../platform";
import { problemOf, useCall, useDo } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { message } from "../../words/words";

export type Setting = keyof NetworkChange;

export type Network = {
  /** Null until the first answer. */
  settings: NetworkSettings | null;
  /** Why nothing could be read. */
  unread: Message | null;
  again: () => void;
  /** `opens`: a person has agreed that other devices can come in. Gives whether it was saved. */
  save: (change: NetworkChange, what: Message, opens?: boolean) => Promise<boolean>;
  /** A value that cannot be saved, before anybody was asked. */
  refuse: (setting: Setting, problem: Message) => void;
  /** What was wrong with it is typed anew. */
  forget: (setting: Setting) => void;
  problemOf: (setting: Setting) => Message | null;
  /** What a person has to agree to first, and how they do. */
  asks: Agreement | null;
  result: Result | null;
};

export type Agreement = { problem: Message; agree: () => void; leave: () => void };

/** Why the last change of each was not saved; it stands beside what was typed, whatever else is changed. */
type Wrong = { [setting in Setting]?: Message };

function each(change: NetworkChange, problem: Message): Wrong {
  return Object.fromEntries(Object.keys(change).map((setting) => [setting, problem]));
}

function without(known: Wrong, change: NetworkChange): Wrong {
  return Object.fromEntries(Object.entries(known).filter(([setting]) => !(setting in change)));
}

/** What one change is made with. */
type Way = { opens?: boolean; undone?: boolean; instead?: NetworkChange; leavesHost?: boolean };

/** What was shown of what is changed: a change of something else by now is refused. */
function shown(settings: NetworkSettings, change: NetworkChange): NetworkChange {
  const {
    listen,
    hosts,
    download_proxy: download,
    sign_proxy: sign,
    lease_ports: ports,
  } = settings;
  const all: Required<NetworkChange> = {
    listen,
    hosts,
    download_proxy: download?.address ?? "",
    sign_proxy: sign.is === "same" ? (sign.proxy?.address ?? "") : "",
    lease_ports: ports ?? "",
  };
  const changed = Object.keys(change) as Setting[];
  return Object.fromEntries(changed.map((setting) => [setting, all[setting]]));
}

/** A change that nobody answered: perpetua may have been ended before it, or right after it. */
type Unanswered = { change: NetworkChange; said: Message; before: NetworkSettings; at: number };

/** Whether it was carried out, as what was read after it tells; null until then. */
function isCarriedOut(
  { change, before, at }: Unanswered,
  read: { data: NetworkSettings | undefined; dataUpdatedAt: number },
): boolean | null {
  if (!read.data || read.dataUpdatedAt <= at) return null;
  const [now, then] = [shown(read.data, change), shown(before, change)];
  return JSON.stringify(now) !== JSON.stringify(then);
}

export function useNetwork(): Network {
  const isLive = useIsLive();
  const read = useCall("network_read", {}, { enabled: isLive });
  const edit = useDo("network_edit", ["network_read"]);
  const [result, setResult] = useState<Result | null>(null);
  const [wrong, setWrong] = useState<Wrong>({});
  const [asks, setAsks] = useState<Agreement | null>(null);

  const [unanswered, setUnanswered] = useState<Unanswered | null>(null);
  const carriedOut = unanswered ? isCarriedOut(unanswered, read) : null;

  const put = async (change: NetworkChange, what: Message, way: Way) => {
    if (!read.data) return false;
    setWrong((known) => without(known, change));
    setAsks(null);
    setResult(null);
    setUnanswered(null);
    const { opens = false, undone = false, leavesHost = false } = way;
    const instead = way.instead ?? shown(read.data, change);
    const host = leavesHost ? {} : { keeps_host: window.location.hostname };
    const said = message(undone ? "settings.undone" : "settings.saved", { what });
    try {
      const { applied, undo, now } = await edit.run({
        change,
        instead_of: instead,
        opens,
        ...host,
      });
      // What was open before has been agreed to.
      const back =
        undo && !undone
          ? () => void put(undo, what, { opens: true, undone: true, instead: now })
          : undefined;
      setResult({ said, pending: applied.pending, undo: back });
      return true;
    } catch (error) {
      const problem = problemOf(error);
      setWrong((known) => ({ ...known, ...each(change, problem) }));
      if (error instanceof CallFailed && !error.error) {
        // What was read before this moment may not know of it yet.
        setUnanswered({ change, said, before: read.data, at: Date.now() });
      }
      if (problem.code === "edit.locks_out") {
        setAsks({
          problem,
          agree: () => void put(change, what, { ...way, instead, leavesHost: true }),
          leave: () => {
            setAsks(null);
            setWrong((known) => without(known, change));
          },
        });
      }
      // It may be something else by now.
      await read.refetch();
      return false;
    }
  };
  return {
    settings: read.data ?? null,
    unread: read.error ? problemOf(read.error) : null,
    again: () => void read.refetch(),
    save: (change, what, opens = false) => put(change, what, { opens }),
    refuse: (setting, problem) => {
      setResult(null);
      setUnanswered(null);
      setAsks(null);
      setWrong((known) => ({ ...known, [setting]: problem }));
    },
    forget: (setting) => setWrong((known) => without(known, { [setting]: "" })),
    problemOf: (setting) => {
      if (!unanswered || !(setting in unanswered.change)) return wrong[setting] ?? null;
      if (carriedOut === null) return wrong[setting] ?? null;
      return carriedOut ? null : message("settings.not_saved");
    },
    asks,
    result: unanswered && carriedOut ? { said: unanswered.said } : result,
  };
}
