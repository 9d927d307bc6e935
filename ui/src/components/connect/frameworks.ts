/** The bot frameworks that are known by name, and which one somebody chose for a client. */
import type {
  ClientStatus,
  ConnectionStatus,
  Framework,
  Message,
  Param,
} from "../../generated/schema";
import { type Code, message, type Words } from "../../words/words";

/** In the order in which they are offered. */
export const FRAMEWORKS: Framework[] = ["nonebot", "koishi", "astrbot", "other"];

const NAMES: Record<Exclude<Framework, "other">, string> = {
  nonebot: "NoneBot2",
  koishi: "Koishi",
  astrbot: "AstrBot",
};

/** Its name on a button. */
export function frameworkName(words: Words, framework: Framework): string {
  return framework === "other" ? words.t("connect.other") : NAMES[framework];
}

/** Why a framework cannot be connected yet; null when it can. */
export function cannotConnect(framework: Framework): Message | null {
  return framework === "astrbot" ? message("guide.astrbot") : null;
}

/** What each framework writes into the `User-Agent` of its connections, as far as it does. */
const SIGNS: [Framework, RegExp][] = [
  ["nonebot", /\bnonebot/i],
  ["koishi", /\bkoishi\b/i],
  ["astrbot", /\bastrbot\b/i],
];

/** The framework that a connection comes from; null where it does not tell. */
export function frameworkOf({ user_agent: agent }: ConnectionStatus): Framework | null {
  if (agent === null) return null;
  return SIGNS.find(([, sign]) => sign.test(agent))?.[0] ?? null;
}

/** Sentences about a framework: by its name, and where it has none. */
const SENTENCES = {
  restart: ["connect.restart", "connect.restart_of_unnamed"],
  restart_posted: ["connect.restart_posted", "connect.restart_posted_of_unnamed"],
  waiting: ["connect.waiting", "connect.waiting_of_unnamed"],
  connected: ["connect.connected", "connect.connected_of_unnamed"],
  copy_again: ["connect.copy_again", "connect.copy_again_of_unnamed"],
  elsewhere: ["connect.elsewhere", "connect.elsewhere_of_unnamed"],
} as const satisfies Record<string, readonly [Code, Code]>;

/** A sentence about a framework, by its name if it has one. */
export function aboutFramework(
  framework: Framework,
  sentence: keyof typeof SENTENCES,
  params: { [name: string]: Param } = {},
): Message {
  const [named, unnamed] = SENTENCES[sentence];
  if (framework === "other") return { code: unnamed, params };
  return { code: named, params: { ...params, framework: NAMES[framework] } };
}

const KEY = "perpetua.framework.";

/** The framework of a client: that of the settings, else the one chosen last, else the one that its name speaks of. */
export function rememberedFramework(
  account: string,
  { name, framework }: Pick<ClientStatus, "name" | "framework">,
): Framework {
  if (framework !== null) return framework;
  const kept = localStorage.getItem(`${KEY}${account}/${name}`);
  const known = FRAMEWORKS.find((one) => one === kept);
  return known ?? FRAMEWORKS.find((one) => name.startsWith(one)) ?? "other";
}

/** Keeps a choice for the next time. */
export function rememberFramework(account: string, client: string, framework: Framework): void {
  localStorage.setItem(`${KEY}${account}/${client}`, framework);
}
