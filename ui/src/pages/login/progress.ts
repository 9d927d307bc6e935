/** How far a login is, as rows: what is over and how long it took, what goes on, what comes. */
import type { CorePhase, CoreStatus, Message } from "../../generated/schema";
import { took } from "../../words/took";
import { message } from "../../words/words";

/** The steps of a login in their order. */
export type StepName = "signer" | "launch" | "session" | "scan" | "confirm" | "link";

/** One of them. `skipped`: it was tried and did not serve. */
export type Step = {
  name: StepName;
  state: "done" | "current" | "skipped" | "later";
  detail: Message | null;
};

const ORDER: StepName[] = ["signer", "launch", "session", "scan", "confirm", "link"];

const OF_PHASE: Record<CorePhase, StepName> = {
  preparing: "signer",
  launched: "launch",
  session: "session",
  connecting: "scan",
  logging_in: "confirm",
  opening_link: "link",
};

/** Where a login stands; null when none goes on. */
function current(core: CoreStatus): StepName | "over" | null {
  switch (core.state) {
    case "starting":
      return OF_PHASE[core.phase];
    case "waiting_for_scan":
      return "scan";
    case "waiting_for_confirm":
      return "confirm";
    case "online":
      return "over";
    default:
      return null;
  }
}

/** The rows of the list; none when no login goes on. */
export function progressOf(core: CoreStatus): Step[] {
  const at = current(core);
  if (at === null) return [];
  const reached = at === "over" ? ORDER.length : ORDER.indexOf(at);
  const shown = ORDER.filter((name) => isPartOf(core, name, at));
  return shown.map((name) => {
    const place = ORDER.indexOf(name);
    const isSkipped = name === "session" && place < reached && needsScan(core, at);
    const state = place > reached ? "later" : place === reached ? "current" : "done";
    return isSkipped
      ? { name, state: "skipped", detail: message("qr.session_not_taken") }
      : { name, state, detail: state === "later" ? null : detailOf(core, name) };
  });
}

/** A saved session is tried only where there is one, and one that is taken needs no scan. */
function isPartOf(core: CoreStatus, name: StepName, at: StepName | "over"): boolean {
  const sessionTried = core.phases.some(({ phase }) => phase === "session") || at === "session";
  if (name === "session") return sessionTried;
  if (name === "scan" || name === "confirm") return !sessionTried || needsScan(core, at);
  return true;
}

function needsScan(core: CoreStatus, at: StepName | "over"): boolean {
  const asked = core.phases.some(({ phase }) => phase === "connecting" || phase === "logging_in");
  return asked || at === "scan" || at === "confirm";
}

function detailOf(core: CoreStatus, name: StepName): Message | null {
  if (name === "signer") {
    const { signer } = core;
    if (!signer) return null;
    const who = signer.name ?? signer.host;
    if (signer.latency_ms === null) return message("qr.signer_asked", { who });
    return message("qr.signer_answered", { who, took: took(signer.latency_ms) });
  }
  if (name === "scan") {
    return core.state === "starting" && core.phase === "connecting"
      ? message("qr.asking_for_code")
      : null;
  }
  const phases = core.phases.filter(({ phase }) => OF_PHASE[phase] === name);
  if (phases.length === 0) return null;
  return took(phases.reduce((sum, { took_ms }) => sum + took_ms, 0));
}
