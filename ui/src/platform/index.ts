/** Chooses the window or the browser. */
import { isTauri } from "@tauri-apps/api/core";
import { browser } from "./browser";
import type { Platform } from "./platform";
import { window } from "./window";

export * from "./platform";

/** What the page runs in. */
export function platform(): Platform {
  return isTauri() ? window() : browser();
}
