/** The pages that the navigation leads to, in its order. */
import type { IconName } from "../components/icons";
import type { NodeStatus } from "../generated/schema";
import { useView } from "../store/context";
import type { Code } from "../words/words";

/** One page of the navigation. */
export type Place = {
  to: "/" | "/clients" | "/chat" | "/core" | "/signers" | "/settings";
  word: Code;
  icon: IconName;
};

const DAILY: Place[] = [
  { to: "/", word: "app.overview", icon: "home" },
  { to: "/clients", word: "app.clients", icon: "plug-connected" },
  { to: "/chat", word: "app.chat", icon: "message-circle" },
];
/** Only accounts whose core perpetua looks after need these. */
const OF_CORES: Place[] = [
  { to: "/core", word: "app.core", icon: "package" },
  { to: "/signers", word: "app.signers", icon: "signature" },
];
const SETTINGS: Place = { to: "/settings", word: "app.settings", icon: "adjustments-horizontal" };

/** Those of every day, and the rest behind a line; on a phone more than one of the rest share a tab. */
export type Places = { daily: Place[]; rest: Place[] };

const PLAIN: Places = { daily: DAILY, rest: [SETTINGS] };
const WITH_CORES: Places = { daily: DAILY, rest: [...OF_CORES, SETTINGS] };

/** Whether there is an account that needs a core and a signer. */
function hasCores(status: NodeStatus | null): boolean {
  return status?.accounts.some(({ upstream }) => upstream.kind === "lagrange") ?? false;
}

/** The same while perpetua's state changes. */
export function useHasCores(): boolean {
  return useView((view) => hasCores(view.status));
}

/** What there is to go to in this state. */
export function placesOf(status: NodeStatus | null): Places {
  return hasCores(status) ? WITH_CORES : PLAIN;
}

/** What there is to go to now. */
export function usePlaces(): Places {
  return useView((view) => placesOf(view.status));
}

function isAt(to: Place["to"], path: string): boolean {
  return path === to || path.startsWith(`${to}/`);
}

/**
 * Whether a path is within a place. An account's pages belong to the overview, and what has no place of its own
 * to the settings, which lead there.
 */
export function isWithin(to: Place["to"], path: string, { rest }: Places): boolean {
  if (to === "/") return path === "/" || path.startsWith("/accounts");
  if (isAt(to, path)) return true;
  return to === SETTINGS.to && OF_CORES.some((one) => isAt(one.to, path) && !rest.includes(one));
}
