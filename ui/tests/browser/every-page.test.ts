/** Every scenario in a real browser: anybody can use it, and it speaks one language. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Asked, type Gallery, openGallery, show } from "../../scripts/gallery.mjs";
import { violations } from "../axe";
import { foreign, type Shown } from "./languages";

/** Each page is shown once by day in Chinese and once by night in English; with EVERY, in all four ways. */
const WAYS: Omit<Asked, "scenario">[] = [
  { language: "zh-CN", theme: "light" },
  { language: "en", theme: "dark" },
];
const OTHER_WAYS: Omit<Asked, "scenario">[] = [
  { language: "zh-CN", theme: "dark" },
  { language: "en", theme: "light" },
];
const ways = process.env["PERPETUA_TEST_EVERY"] ? [...WAYS, ...OTHER_WAYS] : WAYS;

let gallery: Gallery;
let page: Page;

beforeAll(async () => {
  gallery = await openGallery();
  page = await gallery.browser.newPage({
    // So high that nothing has to be scrolled to: what cannot be seen is not judged.
    viewport: { width: 1120, height: 2000 },
    reducedMotion: "reduce",
  });
}, 120_000);

afterAll(() => gallery.close());

test.each(ways)(
  "anybody can use every page, and it speaks one language: %o",
  async (way) => {
    const wrong: string[] = [];
    for (const { name: scenario } of gallery.scenarios) {
      const errors: string[] = [];
      const note = (error: Error) => errors.push(error.message);
      page.on("pageerror", note);
      await show(page, gallery, { scenario, ...way });
      page.off("pageerror", note);
      const found = [
        ...errors,
        ...(await violations(page)),
        ...foreign(await shown(), way.language),
      ];
      wrong.push(...found.map((one) => `${scenario}: ${one}`));
    }
    expect(wrong).toEqual([]);
  },
  600_000,
);

/** All texts of the page, each with the language it is said to have. */
function shown(): Promise<Shown[]> {
  return page.evaluate(() => {
    const named = ["aria-label", "title", "placeholder", "alt"];
    return [...document.querySelectorAll<HTMLElement>("body *")].flatMap((element) => {
      const language = element.closest("[lang]")?.getAttribute("lang") ?? "";
      const own = [...element.childNodes].some(
        (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim(),
      );
      const texts = named.map((name) => element.getAttribute(name) ?? "");
      if (own && !["SCRIPT", "STYLE"].includes(element.tagName)) {
        texts.push(element.textContent ?? "");
      }
      return texts.filter((text) => text.trim()).map((text) => ({ text, language }));
    });
  });
}
