/** The pages of `docs` about troubles and frameworks, which are part of the program: they can be read without a network. */
import type { Language } from "../../words/words";

const FILES: Record<string, string> = import.meta.glob(
  ["../../../../docs/troubles/*.md", "../../../../docs/frameworks/*.md"],
  { query: "?raw", import: "default", eager: true },
);

const ENDINGS: Record<Language, string> = { en: ".md", "zh-CN": ".zh-CN.md" };

/** The text of a page in a language; null where there is no such page. */
export function textOf(page: string, language: Language): string | null {
  const end = `/${page}${ENDINGS[language]}`;
  const path = Object.keys(FILES).find((file) => file.endsWith(end));
  return (path && FILES[path]) ?? null;
}

/** The page that a link leads to, if it is one of these. */
export function pageOf(link: string): string | null {
  const name = /([\w-]+?)(?:\.zh-CN)?\.md$/.exec(link)?.[1];
  return name && textOf(name, "en") ? name : null;
}
