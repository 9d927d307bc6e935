/** Nothing is given out that nobody takes, and no deed is known that nobody promises. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

type File = { name: string; text: string };

function files(folder: string): File[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(tsx?|mjs)$/.test(name) && !name.startsWith("generated"))
    .map((name) => ({ name, text: readFileSync(join(root, folder, name), "utf8") }));
}

const source = files("src");
const tests = files("tests");
const timesIn = (text: string, word: string) =>
  text.match(new RegExp(`\\b${word}\\b`, "g"))?.length ?? 0;

/** What a file imports, by the path of the other file and the word there. */
function importsOf({ name, text }: File, folder: string): string[] {
  const of = (from: string, word: string) => `${pathOf(join(folder, dirname(name), from))} ${word}`;
  const named = [
    ...text.matchAll(/\b(?:im|ex)port(?: type)? \{([^}]*)\} from "(\.[^"]*)"/g),
  ].flatMap(([, words = "", from = ""]) =>
    words.split(",").map((word) =>
      of(
        from,
        word
          .trim()
          .replace(/^type /, "")
          .split(" as ")[0] ?? "",
      ),
    ),
  );
  const whole = [...text.matchAll(/\bimport\("(\.[^"]*)"\)([^;\n]*\n?[^;\n]*)/g)].flatMap(
    ([, from = "", after = ""]) => [...after.matchAll(/\w+/g)].map(([word]) => of(from, word)),
  );
  // Pages are loaded by their names in a list, and taken from it elsewhere.
  const listed = [
    ...text.matchAll(/\b(\w+): \(\) => part\(\(\) => import\("(\.[^"]*)"\)\)/g),
  ].flatMap(([, page = "", from = ""]) =>
    [...text.matchAll(new RegExp(`\\.${page}, "(\\w+)"`, "g"))].map(([, word = ""]) =>
      of(from, word),
    ),
  );
  return [...named, ...whole, ...listed];
}

const pathOf = (path: string) => path.replace(/\.(tsx?|mjs)$/, "").replace(/\/index$/, "");

function unusedIn(source: File[], tests: File[]): string[] {
  const taken = new Set(source.flatMap((file) => importsOf(file, "src")));
  const tested = new Set(tests.flatMap((file) => importsOf(file, "tests")));
  return source.flatMap(({ name, text }) =>
    [...text.matchAll(/^export (?:async )?(?:function|const|class|let) (\w+)/gm)].flatMap(
      ([, word = ""]) => {
        const here = `${pathOf(join("src", name))} ${word}`;
        const isUsed = taken.has(here) || (tested.has(here) && timesIn(text, word) > 1);
        return isUsed ? [] : [`${name}: ${word}`];
      },
    ),
  );
}

test("what a file exports is used in another one, or tested and used in its own", () => {
  expect(unusedIn(source, tests)).toEqual([]);
});

test("a word in a comment, or a name of another file, takes nothing", () => {
  const made = { name: "parts/made.ts", text: "export const left = 1;\nexport const right = 2;\n" };
  const others = [
    { name: "a.ts", text: '// left\nimport { left } from "./other";\nconst left = left();' },
    { name: "parts/b.ts", text: 'import { type Some, right as r } from "./made";' },
  ];
  expect(unusedIn([made, ...others], [])).toEqual(["parts/made.ts: left"]);
  const list = 'made: () => part(() => import("./parts/made")),\n';
  const listing = { name: "c.ts", text: `${list}component(PAGES.made, "left")` };
  expect(unusedIn([made, listing], [])).toEqual(["parts/made.ts: right"]);
});

test("each deed of a mend is promised by a state", () => {
  const words = (text: string) => [...text.matchAll(/"(\w+)"/g)].map(([, word = ""]) => word);
  const all = source.map(({ text }) => text).join("\n");
  const known = /export type Deed =([\s\S]*?);\n\n/.exec(all)?.[1] ?? "";
  const promised = new Set([...all.matchAll(/deed: \{\s*do: "(\w+)"/g)].map(([, word]) => word));
  const deeds = [...known.matchAll(/do:([^;}]*)/g)].flatMap(([, deed = ""]) => words(deed));
  expect(deeds.length).toBeGreaterThan(4);
  expect(deeds.filter((deed) => !promised.has(deed))).toEqual([]);
});
