/** Events without end, for `scripts/measure.mjs`: as many each second as were asked for, however late the timer. */
import type { Event } from "../src/generated/schema";
import type { FakePlatform } from "./fake-platform";
import { line, MING, says } from "./fixtures/chat";
import { rates } from "./fixtures/full";

const EVERY_MS = 20;

/** What the flood consists of: everything that the overview shows, or lines of one chat. */
export type Flood = "chat" | "state";

/** Begins; gives what ends it and says how many were sent. */
export function flood(platform: FakePlatform, kind: Flood, perSecond: number): () => number {
  const begun = performance.now();
  const next = kind === "chat" ? lines() : states(platform);
  let sent = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - begun) * perSecond) / 1000;
    for (; sent < due; sent += 1) platform.send(next(sent));
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    return sent;
  };
}

/** The account of `CHAT_SCENARIOS`, in whose group somebody talks. */
function lines(): (count: number) => Event {
  const FIRST = 100_000;
  return (count) => ({
    event: "shown",
    account: "sim",
    shown: line(
      FIRST + count,
      MING,
      says(FIRST + count, `第 ${count} 句：今天下午四点开会，收到请回复`),
    ),
  });
}

/** Counters, clients and ways to the upstream, one account after the other. */
function states(platform: FakePlatform): (count: number) => Event {
  const { status } = platform.scenario;
  if (!status) throw new Error("there is no snapshot to change");
  let generation = 1000;
  return (count) => {
    generation += 1;
    const account = status.accounts[count % status.accounts.length];
    if (!account) throw new Error("there is no account to change");
    const { name } = account;
    const events = account.events + count;
    const client = account.clients[count % Math.max(1, account.clients.length)];
    switch (count % 4) {
      case 0:
        return {
          event: "rates",
          accounts: rates(status).map((one) => ({ ...one, events: one.events + count })),
        };
      case 1:
        return { event: "account_changed", generation, account: { ...account, events } };
      case 2:
        return { event: "upstream_changed", generation, account: name, upstream: account.upstream };
      default:
        return client
          ? {
              event: "client_changed",
              generation,
              account: name,
              client: { ...client, sent: client.sent + count },
            }
          : { event: "account_changed", generation, account: { ...account, events } };
    }
  };
}
