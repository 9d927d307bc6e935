/** The address at which perpetua listens, on its way from a field or a switch into the settings. */
import { useState } from "react";
import type { Message } from "../../generated/schema";
import { useMoves } from "../../shell/use-move";
import { listenOf, type Move } from "../../state/moving";
import { problemOf } from "../../store/calls";
import { usePlatform, useView } from "../../store/context";
import { message } from "../../words/words";
import { portLine, portOf } from "../clients/port";
import type { Network } from "./use-network";

/** Whether an address, as `127.0.0.1:8080` or `[::1]:8080`, is of this computer alone. */
export function isLoopback(address: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost):\d+$/.test(address);
}

/** Whether it is written as an address with a port; whether this machine has it is asked elsewhere. */
function isAddress(typed: string): boolean {
  return /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\]):\d{1,5}$/i.test(typed);
}

/** What a person still has to agree to. */
type Asked =
  /** That other devices can come in at this address. */
  | { about: "opening"; wanted: string; move: Move | null }
  /** That the page is elsewhere then. */
  | { about: "moving"; wanted: string; move: Move };

export type Listening = {
  asked: Asked | null;
  /** Another one each time that what was typed is not wanted after all. */
  turn: number;
  /** Asks before it opens perpetua to others. */
  open: (wanted: string) => void;
  /** Gives whether it was saved; `agreed`: a person has answered what was asked. */
  save: (wanted: string, agreed: boolean) => Promise<boolean>;
  leave: () => void;
};

/** `listen` is the address that the settings have. */
export function useListening(network: Network, listen: string): Listening {
  const blocked = useBlocked(listen);
  const moves = useMoves();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [turn, setTurn] = useState(0);
  const open = (wanted: string) => setAsked({ about: "opening", wanted, move: moves(wanted) });

  const save = async (wanted: string, agreed: boolean): Promise<boolean> => {
    if (isAddress(wanted) && !isLoopback(wanted) && isLoopback(listen) && !agreed) {
      network.forget("listen");
      open(wanted);
      return false;
    }
    setAsked(null);
    const problem = await blocked(wanted);
    if (problem) {
      network.refuse("listen", problem);
      return false;
    }
    const move = isAddress(wanted) && !agreed ? moves(wanted) : null;
    if (move) {
      setAsked({ about: "moving", wanted, move });
      return false;
    }
    const what = message("settings.what_listen", { address: wanted });
    // Here it is agreed to, or open already.
    return network.save({ listen: wanted }, what, !isLoopback(wanted));
  };
  const leave = () => {
    setAsked(null);
    setTurn(turn + 1);
  };
  return { asked, turn, open, save, leave };
}

/** A port that another program has would keep perpetua from its next start. */
function useBlocked(listen: string): (wanted: string) => Promise<Message | null> {
  const platform = usePlatform();
  const api = useView((view) => view.status && listenOf(view.status.api));
  return async (wanted) => {
    if (portOf(wanted) === portOf(listen) || (api && portOf(wanted) === portOf(api))) return null;
    try {
      const report = await platform.call("port_check", { listen: wanted });
      return report.state === "free" ? null : portLine(report, wanted).said;
    } catch (error) {
      return problemOf(error);
    }
  };
}
