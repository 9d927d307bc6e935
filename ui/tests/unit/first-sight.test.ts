/** What is seen before the pages have loaded. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

test("until the pages have loaded the sign stands in their place, by the rules of both hosts", () => {
  const text = readFileSync(resolve("index.html"), "utf8");
  // A template loads nothing of what it holds.
  const template = document.createElement("template");
  template.innerHTML = text;
  const page = template.content;
  const sign = page.querySelector("#root svg[role='img']");
  expect(sign?.getAttribute("aria-label")).toBe("perpetua");
  // Drawn by the page itself: a file would be seen when everything else is.
  expect(sign?.querySelectorAll("path, rect, circle").length).toBeGreaterThan(2);
  expect(sign?.querySelector("image, use")).toBeNull();
  // The content security policy runs no script that stands in the page.
  const scripts = [...page.querySelectorAll("script")];
  expect(scripts.length).toBeGreaterThan(0);
  for (const script of scripts) expect(script.getAttribute("src")).toBeTruthy();
  for (const element of page.querySelectorAll("*")) {
    expect(element.getAttributeNames().filter((name) => name.startsWith("on"))).toEqual([]);
  }
});
