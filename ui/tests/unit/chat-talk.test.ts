import { describe, expect, test, vi } from "vitest";
import { KEPT, Talk } from "../../src/pages/chat/talk";
import { FakePlatform } from "../fake-platform";
import { HONG, line, MING, says, simulator } from "../fixtures/chat";

const GROUP = { group: 20001 };
const KEY = "group-20001";

const many = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, place) =>
    line(from + place, MING, says(from + place, `line ${from + place}`)),
  );

const begun = async (lines: ReturnType<typeof many>) => {
  const platform = new FakePlatform({ status: null, answers: simulator(lines) });
  const talk = new Talk(platform, "sim");
  const stop = talk.start();
  await vi.waitFor(() => expect(talk.read().world).not.toBeNull());
  const ids = () => talk.read().rooms[KEY]?.lines.map(({ id }) => id) ?? [];
  const asked = () => platform.called.filter(({ name }) => name === "chat_history");
  return { platform, talk, stop, ids, asked };
};

describe("what is said in a simulator", () => {
  test("each chat has its last line at once, an opened one a page, older ones on request", async () => {
    const { talk, ids } = await begun(many(1, 250));
    await vi.waitFor(() => expect(ids()).toEqual([250]));
    talk.open(GROUP);
    await vi.waitFor(() => expect(ids()).toHaveLength(100));
    expect(talk.read().rooms[KEY]).toMatchObject({ more: true, loaded: true });
    await talk.older(GROUP);
    await talk.older(GROUP);
    expect(ids()[0]).toBe(1);
    expect(ids()).toHaveLength(250);
    expect(talk.read().rooms[KEY]?.more).toBe(false);
  });

  test("of each chat the latest 500 are kept, in their order, each once", async () => {
    const { platform, talk, ids } = await begun(many(1, 40));
    talk.open(GROUP);
    await vi.waitFor(() => expect(ids()).toHaveLength(40));
    for (const shown of many(30, 640)) platform.send({ event: "shown", account: "sim", shown });
    platform.send({
      event: "shown",
      account: "sim",
      shown: line(641, HONG, says(641, "hi"), { chat: { user: 10002 } }),
    });
    await vi.waitFor(() => expect(ids().at(-1)).toBe(640));
    expect(ids()).toHaveLength(KEPT);
    expect(ids()[0]).toBe(141);
    expect(new Set(ids()).size).toBe(KEPT);
    expect(talk.read().rooms["user-10002"]?.lines.map(({ id }) => id)).toEqual([641]);
  });

  test("many lines are one change for whoever reads", async () => {
    const { platform, talk } = await begun([]);
    await vi.waitFor(() => expect(talk.read().rooms[KEY]).toBeDefined());
    let changes = 0;
    talk.subscribe(() => {
      changes += 1;
    });
    for (const shown of many(1, 200)) platform.send({ event: "shown", account: "sim", shown });
    await vi.waitFor(() => expect(talk.read().rooms[KEY]?.lines).toHaveLength(200));
    expect(changes).toBe(1);
  });

  test("what was missed is asked for again: lines after a lost connection, people when they change", async () => {
    const { platform, talk, ids, asked } = await begun(many(1, 3));
    talk.open(GROUP);
    await vi.waitFor(() => expect(ids()).toHaveLength(3));
    const before = asked().length;
    platform.stand({ state: "lost", attempt: 1, retryAt: 0 });
    expect(asked()).toHaveLength(before);
    platform.stand({ state: "live" });
    await vi.waitFor(() => expect(asked().length).toBeGreaterThan(before));
    const worlds = () => platform.called.filter(({ name }) => name === "simulator_world").length;
    const met = worlds();
    platform.send({ event: "world_changed", account: "sim" });
    expect(worlds()).toBe(met + 1);
    platform.send({ event: "missed", count: 4 });
    expect(worlds()).toBe(met + 2);
    expect(ids()).toEqual([1, 2, 3]);
  });

  test("after more was missed than is asked for, no hole is left between", async () => {
    const said = many(1, 20);
    const { platform, talk, ids } = await begun(said);
    talk.open(GROUP);
    await vi.waitFor(() => expect(ids()).toHaveLength(20));
    said.push(...many(21, 250));
    platform.send({ event: "missed", count: 230 });
    await vi.waitFor(() => expect(ids().at(-1)).toBe(250));
    expect([ids()[0], ids().length]).toEqual([151, 100]);
    expect(talk.read().rooms[KEY]?.more).toBe(true);
    await talk.older(GROUP);
    expect(ids()[0]).toBe(51);
  });

  test("hidden it follows nothing; seen again it asks for what was missed", async () => {
    const said = many(1, 2);
    const { platform, talk, ids, stop } = await begun(said);
    talk.open(GROUP);
    await vi.waitFor(() => expect(ids()).toEqual([1, 2]));
    const see = (state: DocumentVisibilityState) => {
      vi.spyOn(document, "visibilityState", "get").mockReturnValue(state);
      document.dispatchEvent(new Event("visibilitychange"));
    };
    see("hidden");
    const [missed] = many(3, 3);
    if (missed) said.push(missed);
    for (const shown of many(3, 3)) platform.send({ event: "shown", account: "sim", shown });
    await new Promise((done) => setTimeout(done, 300));
    expect(ids()).toEqual([1, 2]);
    see("visible");
    await vi.waitFor(() => expect(ids()).toEqual([1, 2, 3]));
    stop();
    vi.restoreAllMocks();
  });

  test("once stopped it follows nothing", async () => {
    const { platform, stop, ids } = await begun(many(1, 1));
    stop();
    platform.send({ event: "shown", account: "sim", shown: line(9, MING, says(9, "late")) });
    await new Promise((done) => setTimeout(done, 300));
    expect(ids()).toEqual([1]);
  });
});
