/** What axe finds on a page that is open in a real browser. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Each rule that is broken, with the first place of it. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate<AxeResults>("axe.run()");
  return found.violations.map(
    ({ id, help, nodes }) => `${id} (${help}) at ${nodes[0]?.html} and ${nodes.length - 1} more`,
  );
}
