/** The way through the first run: which steps there are, where one is, and where it goes on later. */
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import type { AccountStatus, NodeStatus } from "../../generated/schema";
import { useStatus } from "../../store/context";

/** Three ways to begin. */
export type Way = "qq" | "program" | "simulator";

/** The steps of all ways; `start` and `import` come before the stepper. */
export type StepName = "start" | "import" | "core" | "signer" | "scan" | "program" | "connect";

const STEPS: Record<Way, StepName[]> = {
  qq: ["core", "signer", "scan", "connect"],
  program: ["program", "connect"],
  simulator: ["connect"],
};

/** The steps of a way in their order. */
export function stepsOf(way: Way): StepName[] {
  return STEPS[way];
}

const KINDS: Record<string, Way> = {
  lagrange: "qq",
  onebot: "program",
  "onebot-reverse": "program",
  simulator: "simulator",
};

const NAMES: StepName[] = ["start", "import", "core", "signer", "scan", "program", "connect"];

/** Where somebody is. It stands in the address, so that back works. */
export type Place = { step: StepName; way: Way; account?: string; client?: string };

type Search = { way?: string; account?: string; client?: string };

/** The place of an address; what it names and perpetua does not have is left out. */
export function placeOf(
  step: string | undefined,
  search: Search,
  status: NodeStatus | null,
): Place {
  const name = NAMES.find((known) => known === step) ?? "start";
  const accounts = status?.accounts ?? [];
  const named = accounts.find((account) => account.name === search.account);
  const account = named ?? (search.way === undefined ? meant(name, accounts) : undefined);
  const known = (["qq", "program", "simulator"] as const).find((way) => way === search.way);
  const way =
    known ?? (account && KINDS[account.upstream.kind]) ?? (name === "program" ? name : "qq");
  const client = account?.clients.find((one) => one.name === search.client);
  return {
    step: name,
    way,
    // Before the first snapshot nothing is known, and nothing is doubted.
    ...(account || status === null ? optional("account", account?.name ?? search.account) : {}),
    ...(client || status === null ? optional("client", client?.name ?? search.client) : {}),
  };
}

function optional<K extends string>(key: K, value: string | undefined): { [Key in K]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [Key in K]: string });
}

/** A button elsewhere leads to a step of an account that is there: the one that needs it. */
function meant(step: StepName, accounts: AccountStatus[]): AccountStatus | undefined {
  if (step !== "core" && step !== "signer" && step !== "scan") return undefined;
  const cores = accounts.filter(({ core }) => core !== null);
  return cores.find(({ online }) => !online) ?? cores[0];
}

/**
 * The account that a way made before, for who came back to choose: going on makes no second one. A
 * simulator that nothing is connected to serves as well as a new one.
 */
export function madeBefore(
  way: Way,
  name: string | undefined,
  accounts: AccountStatus[],
): AccountStatus | undefined {
  const ofWay = accounts.filter(({ upstream }) => KINDS[upstream.kind] === way);
  const unused = ofWay.find(({ clients }) => way === "simulator" && clients.length === 0);
  return ofWay.find((account) => account.name === name) ?? unused;
}

const KEPT = "perpetua.welcome";

/** A place as it is written down. */
type Kept = { step: string; search: Search };

/** Where the first run was left, if it was not finished. */
export function keptPlace(): Kept | null {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "null");
    return typeof kept?.step === "string" ? { step: kept.step, search: kept.search ?? {} } : null;
  } catch {
    return null;
  }
}

/** Whether a first run that was left is still worth going on with: its bot has not come yet. */
export function isUnfinished(kept: Kept | null, status: NodeStatus): boolean {
  if (!kept) return false;
  const { account: name } = kept.search;
  if (name === undefined) return status.accounts.length === 0;
  const account = status.accounts.find((one) => one.name === name);
  if (!account) return false;
  return !isUsed(account);
}

/** Whether a bot has come to it. */
export function isUsed(account: AccountStatus | undefined): boolean {
  return account?.clients.some(({ connections }) => connections.length > 0) ?? false;
}

/** It is over, or begins anew. */
export function forgetPlace(): void {
  localStorage.removeItem(KEPT);
}

function keep({ step, ...search }: Place): void {
  localStorage.setItem(KEPT, JSON.stringify({ step, search }));
}

/** What a step needs to know and to do. */
export type Journey = Place & {
  /** A first run, as opposed to the one step that the button of a state leads to. */
  isFirstRun: boolean;
  /** Another step, and what has become known on the way. */
  go: (step: StepName, found?: Partial<Omit<Place, "step">>) => void;
  /** The first step of a way, without what another way has made. */
  begin: (step: StepName, way: Way) => void;
  /** The step before; null at the first. */
  back: (() => void) | null;
};

/** The journey at the present address, kept for the next time. */
export function useJourney(): Journey {
  const status = useStatus();
  const { step } = useParams({ strict: false });
  const search: Search = useSearch({ strict: false });
  const navigate = useNavigate();
  const place = placeOf(step, search, status);
  const text = JSON.stringify(place);
  const isFirstRun = search.way !== undefined;
  const used = isUsed(status?.accounts.find(({ name }) => name === place.account));
  useEffect(() => {
    const now: Place = JSON.parse(text);
    if (used) forgetPlace();
    else if (isFirstRun && now.step !== "start") keep(now);
  }, [text, isFirstRun, used]);

  const go: Journey["go"] = (next, found = {}) => {
    const { step: _, way, ...others } = { ...place, ...found };
    const known = isFirstRun || found.way !== undefined ? { way, ...others } : others;
    void navigate({ to: "/welcome/$step", params: { step: next }, search: known });
  };
  const begin: Journey["begin"] = (next, way) =>
    void navigate({ to: "/welcome/$step", params: { step: next }, search: { way } });
  const before = stepBefore(place);
  return { ...place, isFirstRun, go, begin, back: before === null ? null : () => go(before) };
}

function stepBefore({ step, way }: Place): StepName | null {
  if (step === "start") return null;
  const steps = stepsOf(way);
  return steps[steps.indexOf(step) - 1] ?? "start";
}
