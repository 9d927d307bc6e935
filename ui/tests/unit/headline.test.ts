import { expect, test } from "vitest";
import type { AccountStatus, ClientStatus, CoreAwayKind } from "../../src/generated/schema";
import { coreSince } from "../../src/state/core";
import { headline, isLost, needing } from "../../src/state/headline";
import { NOTHING, remembering, type View } from "../../src/store/view";
import { load } from "../../src/words/language";
import { account, ago, client, core, NOW, node } from "../fixtures/parts";

const en = await load("en");

function view(accounts: AccountStatus[], differs: Partial<View> = {}): View {
  const link = { state: "live" } as const;
  return { ...remembering(node(accounts), NOW), remembered: false, link, ...differs };
}

function title(accounts: AccountStatus[], differs?: Partial<View>) {
  const said = headline(view(accounts, differs), NOW);
  return [said.tone, en.say(said.title)];
}

const scanning = (name: string) =>
  account({
    name,
    online: false,
    core: core({
      state: "waiting_for_scan",
      qr: { url: null, png_base64: "", expires_in_s: 9, good_for_s: 120, code: 1, codes_max: 5 },
    }),
  });
const stopped = account({
  online: false,
  core: core({ state: "braked", reason: "failing", cause: null, last_lines: [] }),
});
const mute = account({
  core: core({
    state: "online",
    who: 1,
    for_s: 1,
    signer_problem: { code: "signer.none_configured" },
  }),
});
const kicked = (since_ms: number) =>
  account({ online: false, core: core({ state: "kicked_offline", reason: "" }, { since_ms }) });
const withClient = (differs: Partial<ClientStatus>) => account({ clients: [client(differs)] });
const portTaken = withClient({
  problem: { code: "port.in_use", params: { address: "127.0.0.1:6700" } },
});

test("the worst is said first, and counted", () => {
  expect(title([account()])).toEqual(["ok", "Everything works"]);
  expect(title([account(), stopped, scanning("b"), mute, portTaken])).toEqual([
    "bad",
    "2 accounts are offline and need you",
  ]);
  expect(title([scanning("b"), mute])).toEqual(["you", "值班助手 waits for your scan"]);
  expect(title([scanning("a"), scanning("b")])).toEqual([
    "you",
    "2 accounts are offline and need you",
  ]);
  expect(title([mute, portTaken])).toEqual(["you", "值班助手 receives but cannot send"]);
  expect(title([portTaken])).toEqual(["bad", "1 client needs you"]);
  expect(title([withClient({ dropped_last_minute: 2 })])).toEqual(["you", "1 client needs you"]);
});

test("what comes back by itself is said after 30 s", () => {
  expect(title([account(), kicked(NOW - 29_000)])).toEqual(["ok", "Everything works"]);
  expect(title([account(), kicked(NOW - 31_000)])).toEqual([
    "busy",
    "值班助手 is coming back by itself",
  ]);
  expect(title([kicked(NOW - 1000)])).toEqual(["busy", "The accounts are being connected"]);
});

test("an outage is said at once, as what it is", () => {
  const out = (
    kind: CoreAwayKind,
    name: string,
    state: Parameters<typeof core>[0] = { state: "starting", phase: "preparing" },
  ) =>
    account({
      name,
      online: false,
      core: core(state, {
        since_ms: NOW - 1000,
        away: { kind, since_ms: NOW - 60_000, reason: { code: "core.nothing_reached" } },
      }),
    });
  const waits = {
    state: "backoff",
    failures: 3,
    retry_in_s: 9,
    reason: { code: "core.nothing_reached" },
  } as const;
  expect(title([out("no_network", "a")])).toEqual([
    "busy",
    "值班助手 is offline: there is no network",
  ]);
  expect(title([out("qq_unreachable", "a", waits), account()])).toEqual([
    "busy",
    "值班助手 is offline: QQ cannot be reached",
  ]);
  expect(title([out("qq_unreachable", "a"), out("no_network", "b", waits)])).toEqual([
    "busy",
    "2 accounts are offline: there is no network",
  ]);
  expect(title([out("no_network", "a"), portTaken])).toEqual(["bad", "1 client needs you"]);
});

test("an outage lasts since it began, whatever the core tries meanwhile", () => {
  const away = { kind: "no_network", since_ms: 5, reason: { code: "core.no_connection" } } as const;
  const starting = { state: "starting", phase: "session" } as const;
  expect(coreSince(core(starting, { since_ms: 9, away }))).toBe(5);
  expect(coreSince(core(starting, { since_ms: 9 }))).toBe(9);
  expect(coreSince(core({ state: "stopped" }, { since_ms: 9, away }))).toBe(9);
});

test("nothing that is off or unknown passes for well", () => {
  expect(title([account({ enabled: false, online: false })])).toEqual([
    "idle",
    "All accounts are off",
  ]);
  const link = { state: "lost", attempt: 2, retryAt: NOW } as const;
  expect(title([account()], { link, snapshots: 1 })).toEqual(["idle", "The state is unknown"]);
  expect(headline(NOTHING, NOW).tone).toBe("idle");
  const remembered = { ...view([account()]), remembered: true };
  expect(headline(remembered, NOW).tone).toBe("idle");
});

test("what was never there is not lost by its second try, and what starts says so", () => {
  const link = { state: "lost", attempt: 2, retryAt: NOW } as const;
  expect(isLost({ ...NOTHING, link })).toBe(false);
  expect(isLost({ ...NOTHING, link: { ...link, attempt: 4 } })).toBe(true);
  expect(isLost({ ...NOTHING, link, snapshots: 1 })).toBe(true);
  const starting = headline({ ...NOTHING, link }, NOW, { starting: true });
  expect(en.say(starting.title)).toBe("perpetua is starting");
});

test("an account without a bot waits for it; a wrong token beside a bot that is there is told", () => {
  expect(title([withClient({ connections: [] })])).toEqual(["busy", "Waiting for your bot"]);
  const message = { code: "refused.wrong_token", params: { peer: "127.0.0.1:5" } };
  const notices = [{ message, count: 3, last_unix_s: NOW / 1000 - 60 }];
  expect(title([withClient({ notices })])).toEqual(["you", "1 client needs you"]);
  const old = notices.map((notice) => ({ ...notice, last_unix_s: NOW / 1000 - 301 }));
  expect(title([withClient({ notices: old })])).toEqual(["ok", "Everything works"]);
});

test("the badge counts accounts that need somebody, and no others", () => {
  const all = [account(), stopped, scanning("b"), mute, kicked(ago({ minutes: 5 }))];
  expect(needing(view(all), NOW)).toBe(3);
});
