/** Whether an address can be waited on, asked while it is being typed. */
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import type { IconName } from "../../components/icons";
import type { Message, PortReport } from "../../generated/schema";
import type { Tone } from "../../state/standing";
import { problemOf, useCall } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { listenAddress } from "../../words/addresses";
import { message } from "../../words/words";

/** Asked when typing has stopped for so long. */
const STOPPED_MS = 300;

/** Whose address it is to be. */
export type Owner = { account?: string; client?: string };

/** What stands under the field. */
export type PortLine = { tone: Tone; icon: IconName; said: Message };

/** What a report says, in one line. */
export function portLine(report: PortReport, listen: string): PortLine {
  const taken = (holder: string | null): PortLine => {
    const next = report.next_free && portOf(report.next_free);
    const said =
      holder === null
        ? next
          ? message("client.port_taken_next", { address: listen, next })
          : message("client.port_taken", { address: listen })
        : next
          ? message("client.port_held_next", { address: listen, holder, next })
          : message("client.port_held", { address: listen, holder });
    return { tone: "bad", icon: "circle-x", said };
  };
  switch (report.state) {
    case "free":
      return {
        tone: "ok",
        icon: "circle-check",
        said: message("client.port_free", { address: listen }),
      };
    case "ours":
      return taken(report.client === null ? report.account : `${report.account}/${report.client}`);
    case "taken":
      return taken(report.holder);
    case "unusable":
      return { tone: "bad", icon: "circle-x", said: report.problem };
  }
}

/** The port of an address: what people compare. */
export function portOf(listen: string): string {
  return listen.slice(listen.lastIndexOf(":") + 1);
}

/** The same port where only this machine reaches it. */
export function onLoopback(listen: string): string {
  return `127.0.0.1:${portOf(listen)}`;
}

/** An address that is being typed, with what is known of it. */
export type Address = {
  value: string;
  /** What is asked about and saved: the same, completed. */
  wanted: string;
  type: (value: string) => void;
  line: PortLine | null;
  /** Another address that is free, if this one is not. */
  next: string | null;
  /** Other machines could reach it, and nobody has agreed to that yet. */
  asksToAgree: boolean;
  agree: () => void;
  /** Whether it can be taken. */
  isGood: boolean;
};

/** `value` is what the field holds. */
export function useAddress(value: string, type: (value: string) => void, owner: Owner): Address {
  const isLive = useIsLive();
  const [agreed, setAgreed] = useState<string | null>(null);
  const wanted = listenAddress(value);
  const [asked] = useDebouncedValue(wanted, STOPPED_MS);
  const check = useCall(
    "port_check",
    { listen: asked, ...owner },
    { enabled: isLive && asked !== "" },
  );
  const isAnswered = asked === wanted && asked !== "";
  const report = isAnswered ? check.data : undefined;
  const failure = isAnswered && check.error ? problemOf(check.error) : null;
  const isFree = report?.state === "free";
  const asksToAgree = isFree && report.beyond_loopback && agreed !== asked;
  return {
    value,
    wanted,
    type,
    line: report
      ? portLine(report, asked)
      : failure
        ? { tone: "bad", icon: "circle-x", said: failure }
        : null,
    next: report && !isFree ? report.next_free : null,
    asksToAgree,
    agree: () => setAgreed(asked),
    isGood: isFree && !asksToAgree,
  };
}
