/** Which texts of a page are in the other language. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { catalogue } from "../../scripts/words.mjs";

/** A text of the page, and the language that its place is said to have. */
export type Shown = { text: string; language: string };

const HAN = /\p{Script=Han}+/gu;

const fixtures = join(dirname(fileURLToPath(import.meta.url)), "../fixtures");

/** What people and QQ wrote in the scenarios: it stays as it is in every language. */
const written = new Set(
  readdirSync(fixtures).flatMap(
    (name) => readFileSync(join(fixtures, name), "utf8").match(HAN) ?? [],
  ),
);
/** A text made of those, such as a long name that repeats a short one. */
const madeOfWritten = new RegExp(
  `^(?:${[...written].sort((a, b) => b.length - a.length).join("|")})+$`,
  "u",
);

/** Names a person reads in both languages. */
const NAMES = new Set(["English", "中文", "简体中文"]);

const plain = (text: string) =>
  text
    .replace(/[\u2066-\u2069]/g, "")
    .replace(/\s+/g, " ")
    .trim();

/** English sentences that read otherwise in Chinese, as patterns. */
const english = patterns();

function patterns(): { code: string; pattern: RegExp }[] {
  const [en, zh] = [catalogue("en"), catalogue("zh-CN")];
  return Object.entries(en).flatMap(([namespace, sentences]) =>
    Object.entries(sentences).flatMap(([key, sentence]) => {
      const chinese = zh[namespace]?.[key] ?? zh[namespace]?.[key.replace(/_one$/, "_other")];
      const letters = sentence.replace(/\{\{.*?\}\}/g, "").replace(/\P{L}/gu, "");
      if (chinese === sentence || letters.length < 3) return [];
      const parts = plain(sentence.replaceAll("`", "")).split(/\{\{.*?\}\}/);
      const pattern = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".+?");
      return [{ code: `${namespace}.${key}`, pattern: new RegExp(`^${pattern}$`, "u") }];
    }),
  );
}

/** The texts that are not in the page's language, and are nobody's own. */
export function foreign(shown: Shown[], language: "en" | "zh-CN"): string[] {
  const own = shown.map(({ text, language }) => ({ text: plain(text), language }));
  const found = language === "en" ? own.filter(isChinese) : own.filter(isEnglish);
  return [...new Set(found.map(({ text }) => `not ${language}: ${text.slice(0, 80)}`))];
}

function isChinese({ text, language }: Shown): boolean {
  if (language.startsWith("zh") || NAMES.has(text)) return false;
  // A sentence may quote the words of another program, which speaks Chinese only.
  if (english.some(({ pattern }) => pattern.test(text))) return false;
  return (text.match(HAN) ?? []).some((run) => !isWritten(run));
}

/** Whole, cut short at its end, or the one letter of an avatar. */
function isWritten(run: string): boolean {
  const isCut = (whole: string) =>
    whole.startsWith(run) || (run.length === 1 && whole.includes(run));
  return madeOfWritten.test(run) || [...written].some(isCut);
}

function isEnglish({ text, language }: Shown): boolean {
  if (language.startsWith("en") || NAMES.has(text) || /\p{Script=Han}/u.test(text)) return false;
  return english.some(({ pattern }) => pattern.test(text));
}
