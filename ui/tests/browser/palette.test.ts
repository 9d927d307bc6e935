/** The palette in a real browser: by keyboard alone, by the letters of pinyin, for anybody. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gallery, openGallery, show } from "../../scripts/gallery.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let gallery: Gallery;
let page: Page;

beforeAll(async () => {
  gallery = await openGallery();
  page = await gallery.browser.newPage({ reducedMotion: "reduce" });
}, 240_000);

afterAll(() => gallery.close());

test.each(["light", "dark"] as const)("Ctrl K finds 客户端 by its letters, %s", async (theme) => {
  await show(page, gallery, { scenario: "full", language: "zh-CN", theme });
  await page.keyboard.press("Control+k");
  // The page behind it has boxes of its own.
  const field = page.getByRole("dialog").getByRole("combobox");
  await field.waitFor();
  const box = await page.getByRole("dialog").boundingBox();
  const screen = page.viewportSize();
  expect(box?.width).toBe(560);
  expect((box?.x ?? 0) + 280).toBeCloseTo((screen?.width ?? 0) / 2, 0);
  await page.evaluate(axe);
  const { violations } = await page.evaluate<AxeResults>("axe.run()");
  expect(violations.map(({ id, nodes }) => `${id} at ${nodes[0]?.html}`)).toEqual([]);

  await page.keyboard.type("khd");
  expect(await page.getByRole("option", { selected: true }).textContent()).toBe("客户端");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "客户端" }).waitFor();
  await field.waitFor({ state: "detached" });

  await page.keyboard.press("Control+k");
  await field.waitFor();
  await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "combobox");
  await page.keyboard.press("Escape");
  await field.waitFor({ state: "detached" });
});
