/** The browser of these tests, and pages in it that report what goes wrong. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Browser,
  type BrowserContext,
  chromium,
  type Locator,
  type Page,
} from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { browserOptions } from "../../scripts/gallery.mjs";
import type { Node } from "./node";

/** A page, with what its script and the rules of its browser complained about. */
export type Visit = Page & { errors: string[] };

const contexts: BrowserContext[] = [];
let browser: Browser | undefined;

/** Opens it for the tests of a file. */
export function withBrowser(): void {
  beforeAll(async () => {
    browser = await chromium.launch(browserOptions());
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
  });
  afterAll(() => browser?.close());
}

/** What a person reads, and on a screen of what width. */
export type Looks = { language: Language; width: number };
type Language = "en" | "zh-CN";

/** A desktop in English. */
const USUAL: Looks = { language: "en", width: 1120 };
/** Below this a page is a phone's. */
const PHONE = 600;

export const isPhone = ({ width }: Looks): boolean => width < PHONE;

const languages = new WeakMap<BrowserContext, Language>();

/** Somebody with cookies of their own. */
export async function visit(looks = USUAL): Promise<Visit> {
  if (!browser) throw new Error("the browser is not open");
  const context = await browser.newContext({
    locale: looks.language,
    viewport: { width: looks.width, height: 844 },
    hasTouch: isPhone(looks),
    reducedMotion: "reduce",
  });
  contexts.push(context);
  languages.set(context, looks.language);
  return watched(await context.newPage());
}

/** What this person reads in place of a code. */
export function sayTo(
  page: Page,
  code: string,
  params: Record<string, string | number> = {},
): string {
  return say(code, params, languages.get(page.context()));
}

/** Another tab of the same browser. */
export async function tabOf(page: Page): Promise<Visit> {
  return watched(await page.context().newPage());
}

function watched(page: Page): Visit {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) errors.push(message.text());
  });
  return Object.assign(page, { errors });
}

/** Somebody who has signed in with a link, and sees what is there. */
export async function owner(node: Node, seen = inside, looks = USUAL): Promise<Visit> {
  const page = await visit(looks);
  await page.goto((await node.ui()).link);
  await seen(page).waitFor();
  return page;
}

/** Nobody sees it who is not signed in. */
export const inside = (page: Page): Locator => page.getByRole("navigation").first();

const catalogues = new Map<string, Record<string, string>>();

/** A sentence of the catalogue as a page shows it. */
export function say(
  code: string,
  params: Record<string, string | number> = {},
  language: Language = "en",
): string {
  const [file = "", key = ""] = code.split(".");
  const path = join(import.meta.dirname, `../../../locales/${language}/${file}.json`);
  let catalogue = catalogues.get(path);
  if (!catalogue) {
    catalogue = JSON.parse(readFileSync(path, "utf8")) as Record<string, string>;
    catalogues.set(path, catalogue);
  }
  const sentence = catalogue[key];
  if (sentence === undefined) throw new Error(`the catalogue has no ${code}`);
  return sentence
    .replaceAll("`", "")
    .replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => String(params[name]));
}

/** Presses a button or follows a link. */
export async function press(page: Page, code: string, exact = true): Promise<void> {
  const name = sayTo(page, code);
  await page
    .getByRole("button", { name, exact })
    .or(page.getByRole("link", { name, exact }))
    .first()
    .click();
}

/** Waits until a sentence is there. */
export async function sees(
  page: Page,
  code: string,
  params: Record<string, string | number> = {},
): Promise<void> {
  await page
    .getByText(sayTo(page, code, params))
    .first()
    .waitFor();
}

/** Waits until nothing on a page complains, and something is on it. */
export async function isWhole(page: Visit): Promise<void> {
  expect(page.errors).toEqual([]);
  expect((await page.textContent("body"))?.trim()).not.toBe("");
}

/** Presses Tab until what is wanted has the focus, as somebody without a mouse does. */
export async function tabTo(page: Page, wanted: Locator): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the focus never came to ${wanted}`);
}
