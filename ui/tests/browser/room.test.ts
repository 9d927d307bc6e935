/** Every scenario in a real browser, narrow and wide: nothing stands out of the window, no blank is lost. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gallery, openGallery, show } from "../../scripts/gallery.mjs";
import { asked } from "./asked";

let gallery: Gallery;
let page: Page;

beforeAll(async () => {
  gallery = await openGallery();
  page = await gallery.browser.newPage({ reducedMotion: "reduce" });
}, 600_000);

afterAll(() => gallery?.close());

const SIZES = [
  { width: 1120, height: 760, language: "en" },
  { width: 390, height: 844, language: "zh-CN" },
] as const;

test.each(SIZES)(
  "everything is within $width px, and no blank between words is lost: $language",
  async ({ width, height, language }) => {
    await page.setViewportSize({ width, height });
    const wrong: string[] = [];
    for (const { name: scenario } of asked(gallery)) {
      const errors: string[] = [];
      const note = (error: Error) => errors.push(error.message);
      page.on("pageerror", note);
      await show(page, gallery, { scenario, language, theme: "light" }).catch(note);
      page.off("pageerror", note);
      const found = [
        ...errors,
        ...(await page.evaluate(outside)),
        ...(await page.evaluate(lostBlanks)),
      ];
      wrong.push(...found.map((one) => `${scenario}: ${one}`));
    }
    expect(wrong).toEqual([]);
  },
  900_000,
);

/** What is wider than its place, or beyond the window, unless its place scrolls sideways on purpose. */
function outside(): string[] {
  const scrollsSideways = "[data-scrolls], table, pre, textarea, input, [role=tablist]";
  const short = (element: Element) => element.outerHTML.slice(0, 140);
  const root = document.documentElement;
  const found = root.scrollWidth > root.clientWidth ? ["the page is wider than the window"] : [];
  for (const element of document.querySelectorAll<HTMLElement>("body *")) {
    const { overflowX, overflowY } = getComputedStyle(element);
    const isScroller = [overflowX, overflowY].some((one) => one === "auto" || one === "scroll");
    if (isScroller && element.scrollWidth > element.clientWidth + 1) {
      const isMeant = element.matches(scrollsSideways) || element.querySelector("table, pre");
      if (!isMeant) found.push(`scrolls sideways: ${short(element)}`);
    }
    if (element.childElementCount > 0 || element.closest("svg, .unseen")) continue;
    const { left, right, width } = element.getBoundingClientRect();
    if (width <= 1 || (right <= innerWidth + 1 && left >= -1)) continue;
    let place = element.parentElement;
    while (place && getComputedStyle(place).overflowX === "visible") place = place.parentElement;
    if (!place || place === document.body || place === root) {
      found.push(`beyond the window: ${short(element)}`);
    }
  }
  return found.slice(0, 4);
}

/** Texts of a flex box that end or begin with a blank at a neighbour: the box drops it. */
function lostBlanks(): string[] {
  const found: string[] = [];
  for (const element of document.querySelectorAll<HTMLElement>("body *")) {
    const { display, whiteSpace, columnGap } = getComputedStyle(element);
    if (!/flex|grid/.test(display) || /pre/.test(whiteSpace)) continue;
    if (Number.parseFloat(columnGap) > 0) continue;
    const isLost = [...element.childNodes].some((node) => {
      if (node.nodeType !== Node.TEXT_NODE) return false;
      const text = node.textContent ?? "";
      const before = /^\s/.test(text) && node.previousSibling?.textContent?.trim();
      const after = /\s$/.test(text) && node.nextSibling?.textContent?.trim();
      // Words beside words, with a mark-up between them, are one sentence.
      const beside = text.trim() && /^(CODE|BDI|B|EM|TIME)$/.test(`${node.nextSibling?.nodeName}`);
      return Boolean(before || after || beside);
    });
    if (isLost) found.push(`loses a blank: ${element.outerHTML.slice(0, 200)}`);
  }
  return found.slice(0, 4);
}
