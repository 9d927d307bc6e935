/** Whether the note of what was set aside offers the last login: then nothing else has to. */
import type { AccountStatus } from "../../generated/schema";

/** A login that works is not replaced. */
export function isRestorable({ core }: AccountStatus): boolean {
  return core !== null && core.state !== "online" && core.set_aside[0]?.copy_ms != null;
}
