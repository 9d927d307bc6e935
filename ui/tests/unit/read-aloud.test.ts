/** What is to be read aloud when it changes is there before, unseen but not hidden. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../../src");
const sheets = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".css"))
  .map((name) => ({ name, text: readFileSync(join(root, name), "utf8") }));

/** Rules for a place of messages while it has none. */
const WHILE_EMPTY = /([^{}]*(?::empty|:not\(:has\()[^{}]*)\{([^}]*)\}/g;

test("a place where messages come is never hidden while it is empty", () => {
  const rules = sheets.flatMap(({ name, text }) =>
    [...text.matchAll(WHILE_EMPTY)].map(([, of = "", what = ""]) => ({ name, of, what })),
  );
  expect(rules.length).toBeGreaterThan(1);
  const hidden = rules.filter(({ what }) => /display: none|visibility: hidden/.test(what));
  expect(hidden).toEqual([]);
});
