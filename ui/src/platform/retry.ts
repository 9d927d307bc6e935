/** A stream that is connected to again and again, until it is stopped. */
import type { Message } from "../generated/schema";
import { now } from "./clock";
import { CallFailed, type Following, type Link } from "./platform";

/** How long to wait after the first, second, … failure in a row; the last for all further ones. */
const WAITS_MS = [500, 1000, 2000, 5000];

/**
 * Runs `connect` for as long as nobody stops it. `connect` calls `live` once the stream has begun,
 * and returns or throws when it has ended.
 */
export function keepFollowing(
  connect: (signal: AbortSignal, live: () => void) => Promise<void>,
  link: (link: Link) => void,
): Following {
  let stopped = false;
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current = new AbortController();

  const run = async () => {
    const controller = new AbortController();
    current = controller;
    let problem: Message | undefined;
    try {
      await connect(controller.signal, () => {
        attempt = 0;
        if (!stopped) link({ state: "live" });
      });
    } catch (error) {
      // Whatever ended it, it is connected to again; the page says that it is not.
      problem = error instanceof CallFailed ? error.error?.message : undefined;
    }
    if (stopped || current !== controller) return;
    const wait = WAITS_MS[Math.min(attempt, WAITS_MS.length - 1)] ?? 0;
    attempt += 1;
    link({ state: "lost", attempt, retryAt: now() + wait, ...(problem ? { problem } : {}) });
    timer = setTimeout(run, wait);
  };

  void run();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      current.abort();
    },
    retry: () => {
      if (stopped) return;
      clearTimeout(timer);
      current.abort();
      void run();
    },
  };
}
