/** A first run that was interrupted, for the page that opens first. */
import { useEffect, useState } from "react";
import type { NodeStatus } from "../../generated/schema";
import { forgetPlace, isUnfinished, isUsed, keptPlace } from "./journey";

/** Asked once in the life of a window: whoever leaves the first run later, means it. */
let asked = false;

/** Whether the window was closed in the middle of a first run that is still to be finished. */
export function useUnfinished(status: NodeStatus | null): boolean {
  const [isFirst] = useState(() => !asked);
  asked = true;
  // A bot that came once ends the first run for good, also if it is away at the next start.
  const kept = keptPlace();
  const hasCome = isUsed(status?.accounts.find(({ name }) => name === kept?.search.account));
  useEffect(() => {
    if (hasCome) forgetPlace();
  }, [hasCome]);
  return isFirst && status !== null && isUnfinished(kept, status);
}
