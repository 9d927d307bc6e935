import { expect, test } from "vitest";
import { isComposing, isKey } from "../../src/components/keys";

test("an Enter that picks a word of an input method is no Enter", () => {
  const pressed = (init: KeyboardEventInit) =>
    new KeyboardEvent("keydown", { key: "Enter", ...init });
  expect(isKey(pressed({}), "Enter")).toBe(true);
  expect(isKey(pressed({}), "Escape")).toBe(false);
  expect(isKey(pressed({ isComposing: true }), "Enter")).toBe(false);
  // WebKit: the composition has ended already, and only the key's code tells.
  const late = { key: "Enter", isComposing: false, keyCode: 229 };
  expect(isComposing(late)).toBe(true);
  expect(isKey(late, "Enter")).toBe(false);
});
