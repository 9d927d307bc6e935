/** Which scenarios are looked at when each has to be measured in several ways. */
import type { Gallery } from "../../scripts/gallery.mjs";

/** A full one, one that needs somebody, one with names of every kind, and one with those of strangers. */
const FEW = ["full", "attention", "names", "chat-foreign"];

/** All of them with `PERPETUA_TEST_EVERY`, which takes ten minutes. */
export function asked({ scenarios }: Gallery): Gallery["scenarios"] {
  if (process.env["PERPETUA_TEST_EVERY"]) return scenarios;
  return scenarios.filter(({ name }) => FEW.includes(name));
}
