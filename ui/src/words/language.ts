/** Which language the page speaks, and where its sentences come from. */
import { type Catalogue, type Language, Words } from "./words";

/** What the settings say: one language, or that of the system. */
export type Wish = Language | "auto";

const KEPT = "perpetua.language";

const CATALOGUES: Record<Language, () => Promise<{ default: Catalogue }>> = {
  "zh-CN": () => import("virtual:catalogue/zh-CN"),
  en: () => import("virtual:catalogue/en"),
};

/** The language for a wish, on a system that prefers these. Nothing that is known: English. */
export function chosen(wish: Wish, preferred: readonly string[]): Language {
  if (wish !== "auto") return wish;
  const first = preferred.find((tag) => /^(zh|en)\b/i.test(tag));
  return first && /^zh/i.test(first) ? "zh-CN" : "en";
}

declare global {
  /** What the program around the window takes for the system's language; tray and notifications speak it. */
  var perpetuaLanguage: string | undefined;
}

/** The languages of the system, the dearest first. In the window the program knows better than the view. */
export function preferred(): readonly string[] {
  const told = globalThis.perpetuaLanguage;
  return told ? [told] : navigator.languages;
}

/** As a language is called among those who speak it: found by those who read no other. */
export function nameOfLanguage(language: Language): string {
  const names = new Intl.DisplayNames(language, { type: "language" });
  return names.of(language === "zh-CN" ? "zh-Hans" : language) ?? language;
}

/** Reads the sentences of a language. */
export async function load(language: Language): Promise<Words> {
  const { default: catalogue } = await CATALOGUES[language]();
  return new Words(language, catalogue);
}

/** The wish of last time, so that the first picture is already in the right language. */
export function lastWish(): Wish {
  const kept = localStorage.getItem(KEPT);
  return kept === "zh-CN" || kept === "en" ? kept : "auto";
}

/** Keeps the wish for the next start. */
export function keepWish(wish: Wish): void {
  localStorage.setItem(KEPT, wish);
}
