import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Cache, storageCache } from "../../src/store/cache";
import { Store } from "../../src/store/store";
import { after, NOTHING, remembering } from "../../src/store/view";
import { FakePlatform, type Scenario } from "../fake-platform";
import { ATTENTION, FULL } from "../fixtures/full";
import { account, client, core, NOW, node } from "../fixtures/parts";

const NO_CACHE: Cache = { read: () => null, keep: () => undefined };

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime(NOW);
});
afterEach(() => {
  vi.useRealTimers();
});

async function started(scenario: Scenario = { status: FULL }, cache = NO_CACHE) {
  const platform = new FakePlatform(scenario);
  const store = new Store(platform, cache);
  const stop = store.start();
  await vi.advanceTimersByTimeAsync(300);
  return { platform, store, stop };
}

function see(state: DocumentVisibilityState): void {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue(state);
  document.dispatchEvent(new Event("visibilitychange"));
}

test("a snapshot comes first, then changes that are newer", async () => {
  const { platform, store, stop } = await started();
  const enabled = () => store.read().status?.accounts[0]?.enabled;
  const change = (generation: number, enabled: boolean) =>
    platform.send({
      event: "account_changed",
      generation,
      account: account({ enabled }),
    });
  change(9, false);
  change(8, true);
  await vi.advanceTimersByTimeAsync(300);
  expect(enabled(), "what is older changes nothing").toBe(false);
  platform.send({ event: "snapshot", generation: 2, status: FULL });
  change(3, false);
  await vi.advanceTimersByTimeAsync(300);
  expect(enabled(), "a snapshot counts anew").toBe(false);
  stop();
});

test("each change reaches its own part, and the others stay what they are", () => {
  const seen = after(NOTHING, { event: "snapshot", generation: 1, status: FULL }, NOW);
  const [main, game] = seen.status?.accounts ?? [];
  const slow = client({ name: "koishi", dropped: 7 });
  const one = after(
    seen,
    { event: "client_changed", generation: 2, account: "main", client: slow },
    NOW,
  );
  const [mainAfter, gameAfter] = one.status?.accounts ?? [];
  expect(mainAfter?.clients.map(({ dropped }) => dropped)).toEqual([0, 7, 0]);
  expect(mainAfter?.upstream).toBe(main?.upstream);
  expect(gameAfter).toBe(game);

  const stopped = core({ state: "stopped" });
  const two = after(
    one,
    { event: "core", generation: 3, account: "main", status: stopped },
    NOW + 5000,
  );
  expect(two.times["main"]).toEqual({ account: NOW, upstream: NOW, core: NOW + 5000 });
  expect(two.status?.accounts[0]?.core).toBe(stopped);
});

test("events wait for the next picture, and readers are told once", async () => {
  const { platform, store, stop } = await started();
  let told = 0;
  store.subscribe(() => {
    told += 1;
  });
  for (let generation = 10; generation < 60; generation += 1) {
    platform.send({ event: "client_changed", generation, account: "main", client: client() });
  }
  expect(told).toBe(0);
  await vi.advanceTimersByTimeAsync(300);
  expect(told).toBeGreaterThan(0);
  expect(told).toBeLessThan(5);
  expect(store.read().generation).toBe(59);
  stop();
});

test("hidden, nothing is followed; seen again, one snapshot comes and nothing old passes for live", async () => {
  const { platform, store, stop } = await started();
  const follow = vi.spyOn(platform, "follow");
  see("hidden");
  platform.become(node([]));
  await vi.advanceTimersByTimeAsync(20 * 60_000);
  expect(store.read().status, "what happened meanwhile is not followed").toBe(FULL);

  see("visible");
  const seen: boolean[] = [];
  store.subscribe(() => seen.push(store.read().remembered));
  // The window tells it too.
  store.resume();
  await vi.advanceTimersByTimeAsync(600);
  expect(seen.includes(true), "a snapshot that comes at once does not grey the page").toBe(false);
  expect(follow).toHaveBeenCalledTimes(1);
  stop();
});

test("seen again, what perpetua does not confirm at once is old", async () => {
  const { platform, store, stop } = await started();
  see("hidden");
  vi.spyOn(platform, "follow").mockReturnValue({ stop: () => undefined, retry: () => undefined });
  see("visible");
  await vi.advanceTimersByTimeAsync(400);
  expect(store.read().remembered).toBe(true);
  stop();
});

test("what was told before a snapshot does not outlive it", async () => {
  const { platform, store, stop } = await started();
  platform.send({
    event: "core_job",
    job: { state: "failed", problem: { code: "x" } },
  });
  platform.send({
    event: "settings",
    problems: [{ line: 3, column: 1, path: "", message: { code: "x" } }],
  });
  await vi.advanceTimersByTimeAsync(300);
  expect([store.read().job?.state, store.read().settings.problems?.length]).toEqual(["failed", 1]);
  platform.become(FULL);
  await vi.advanceTimersByTimeAsync(300);
  const { job, settings, snapshots } = store.read();
  expect([job, settings.problems, snapshots]).toEqual([null, null, 2]);
  stop();
});

test("a lost link is known at once, and what came before it is kept", async () => {
  const { platform, store, stop } = await started();
  platform.send({
    event: "account_changed",
    generation: 5,
    account: account({ enabled: false }),
  });
  platform.stand({ state: "lost", attempt: 1, retryAt: NOW });
  expect(store.read().link.state).toBe("lost");
  expect(store.read().status?.accounts[0]?.enabled).toBe(false);
  stop();
});

test("the last snapshot is remembered for the next start, without codes that log in", async () => {
  const cache = storageCache(localStorage);
  localStorage.clear();
  const { stop } = await started({ status: ATTENTION }, cache);
  stop();
  expect(JSON.stringify({ ...localStorage })).not.toContain("txz.qq.com");
  const again = new Store(new FakePlatform({ status: null }), storageCache(localStorage));
  expect(again.read().remembered).toBe(true);
  expect(again.read().status?.accounts.map(({ name }) => name)).toEqual(["main", "game", "sim"]);
  localStorage.setItem("perpetua.snapshot", '{"shape":"another"}');
  expect(storageCache(localStorage).read()).toBeNull();
  localStorage.setItem("perpetua.snapshot", "{");
  expect(storageCache(localStorage).read()).toBeNull();
});

test("a remembered view is dated by when it was true", () => {
  const view = remembering(FULL, NOW - 60_000);
  expect([view.remembered, view.changedAt]).toEqual([true, NOW - 60_000]);
});

test.each([2, -2])(
  "a clock that was turned by %i h is taken once, with a fresh snapshot",
  async (hours) => {
    const { platform, store, stop } = await started();
    await vi.advanceTimersByTimeAsync(3000);
    const follow = vi.spyOn(platform, "follow");
    const turned = Date.now() + hours * 3_600_000;
    vi.setSystemTime(turned);
    await vi.advanceTimersByTimeAsync(1500);
    expect(store.read().snapshotAt - turned).toBeLessThan(1500);
    expect(store.read().snapshotAt - turned).toBeGreaterThanOrEqual(0);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(follow).toHaveBeenCalledTimes(1);
    stop();
  },
);
