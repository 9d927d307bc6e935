/**
 * Letters twice as large, by the browser's own setting and by a zoomed window: nothing is cut off or
 * pushed out of sight.
 */
import { chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { browserOptions, type Gallery, openGallery, show } from "../../scripts/gallery.mjs";
import { asked } from "./asked";

let gallery: Gallery;

beforeAll(async () => {
  gallery = await openGallery();
}, 240_000);

afterAll(() => gallery.close());

/** Every scenario in a page; what is cut off, with the scenario. */
async function cutOff(page: Page, language: "en" | "zh-CN"): Promise<string[]> {
  const found: string[] = [];
  for (const { name: scenario } of asked(gallery)) {
    await show(page, gallery, { scenario, language, theme: "light" });
    found.push(...(await page.evaluate(cutHere)).map((where) => `${scenario}: ${where}`));
  }
  return found;
}

/** Runs in the page. What ends in an ellipsis, or can be scrolled to, is not cut off. */
function cutHere(): string[] {
  const name = (element: Element) =>
    `${element.tagName.toLowerCase()}.${element.className} “${element.textContent?.trim().slice(0, 40)}”`;
  const isHidden = (value: string) => value === "hidden" || value === "clip";
  const wrong = [...document.querySelectorAll<HTMLElement>("#root *, [data-portal] *")].flatMap(
    (element) => {
      const style = getComputedStyle(element);
      const own = [...element.childNodes].some(
        (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim(),
      );
      const box = element.getBoundingClientRect();
      if (!own || box.width <= 1 || style.visibility === "hidden") return [];
      const found: string[] = [];
      // A letter's own box may stand a little over its line.
      const slack = 3;
      if (isHidden(style.overflowY) && element.scrollHeight > element.clientHeight + slack) {
        found.push(`cut below: ${name(element)}`);
      }
      const ends = style.textOverflow === "ellipsis";
      if (isHidden(style.overflowX) && !ends && element.scrollWidth > element.clientWidth + slack) {
        found.push(`cut at the side: ${name(element)}`);
      }
      // Out of a parent that hides it, and that nobody can scroll.
      for (let above = element.parentElement; above; above = above.parentElement) {
        const around = getComputedStyle(above);
        if (/auto|scroll/.test(around.overflow) || above.hasAttribute("data-scrolled-along")) break;
        if (!isHidden(around.overflowX)) continue;
        if (around.textOverflow === "ellipsis") break;
        const edge = above.getBoundingClientRect();
        if (box.right > edge.right + slack || box.bottom > edge.bottom + slack) {
          found.push(`outside of ${above.className}: ${name(element)}`);
        }
        break;
      }
      return found;
    },
  );
  const { scrollWidth, clientWidth } = document.documentElement;
  const sideways = [...document.querySelectorAll("main, main > *")].filter(
    (element) => element.scrollWidth > element.clientWidth + 1,
  );
  return [
    ...wrong,
    ...(scrollWidth > clientWidth ? ["the page scrolls sideways"] : []),
    ...sideways.map((element) => `scrolls sideways: ${element.className}`),
  ];
}

test.each([
  ["zh-CN", { width: 1120, height: 720 }],
  ["en", { width: 800, height: 600 }],
] as const)(
  "with a font of 32 px nothing is cut, %s at %o",
  async (language, viewport) => {
    const options = browserOptions();
    const large = await chromium.launch({
      ...options,
      args: [...options.args, "--blink-settings=defaultFontSize=32"],
    });
    try {
      const page = await large.newPage({ viewport, reducedMotion: "reduce" });
      await show(page, gallery, { scenario: "full", language, theme: "light" });
      expect(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe(
        "32px",
      );
      expect(await cutOff(page, language)).toEqual([]);
    } finally {
      await large.close();
    }
  },
  600_000,
);

test("in a window of 560 × 360, which 1120 × 720 is at 200 %, nothing is cut", async () => {
  const page = await gallery.browser.newPage({
    viewport: { width: 560, height: 360 },
    deviceScaleFactor: 2,
    reducedMotion: "reduce",
  });
  expect(await cutOff(page, "en")).toEqual([]);
  await page.close();
}, 600_000);
