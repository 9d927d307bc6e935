/** The contrasts of the design, computed again from tokens.css by the formula of WCAG 2. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const css = readFileSync("src/theme/tokens.css", "utf8");

/** The colours that a rule sets. */
function colours(selector: string): Record<string, string> {
  const begin = css.indexOf(`${selector} {`);
  expect(begin, selector).toBeGreaterThanOrEqual(0);
  const rule = css.slice(begin, css.indexOf("}", begin));
  const found = rule.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g);
  return Object.fromEntries([...found].map(([, name, colour]) => [name, colour]));
}

const light = colours(":root");
const THEMES = {
  light,
  dark: { ...light, ...colours(':root[data-mantine-color-scheme="dark"]') },
};

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((place) => {
    const part = Number.parseInt(colour.slice(place, place + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
}

function contrast(a: string, b: string): number {
  const [bright, dim] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return ((bright ?? 0) + 0.05) / ((dim ?? 0) + 0.05);
}

const TEXT = 4.5;
const GRAPHICS = 3;
const GROUNDS = ["canvas", "surface", "sunken"];
const TONES = ["ok", "busy", "you", "bad", "idle"];

test("the formula gives what the standard gives", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
  expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
});

describe.each(Object.entries(THEMES))("%s", (_, colours) => {
  const of = (a: string, b: string) => contrast(colours[a] ?? "", colours[b] ?? "");
  const pairs: [string, string, number][] = [
    ...GROUNDS.flatMap((ground) =>
      ["text", "text-2", "text-3", "link", "focus"].map(
        (name) => [name, ground, TEXT] as [string, string, number],
      ),
    ),
    ...GROUNDS.map((ground) => ["line-strong", ground, GRAPHICS] as [string, string, number]),
    ...TONES.flatMap((tone) => [
      [tone, "canvas", TEXT] as [string, string, number],
      [tone, "surface", TEXT] as [string, string, number],
      [tone, `${tone}-bg`, TEXT] as [string, string, number],
      ["text", `${tone}-bg`, 10.9] as [string, string, number],
      ["text-2", `${tone}-bg`, 6.3] as [string, string, number],
      ["text-3", `${tone}-bg`, TEXT] as [string, string, number],
    ]),
    ["on-accent", "accent", TEXT],
    ["on-accent", "accent-hover", TEXT],
    ["text", "selected", TEXT],
    ["text-2", "hover", TEXT],
    ["text-3", "hover", TEXT],
    ["text-3", "selected", TEXT],
    ["link", "selected", TEXT],
    ...[0, 1, 2, 3, 4].map(
      (place) => ["on-avatar", `avatar-${place}`, TEXT] as [string, string, number],
    ),
  ];
  test.each(pairs)("%s on %s has at least %s", (text, ground, least) => {
    expect(of(text, ground)).toBeGreaterThanOrEqual(least);
  });
});
