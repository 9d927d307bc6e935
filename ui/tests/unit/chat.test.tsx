import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";
import type { ChatEvent, Say } from "../../src/generated/schema";
import { CallFailed } from "../../src/platform";
import type { FakePlatform } from "../fake-platform";
import { HAN, HONG, LINES, line, MING, PICTURE, says, simulator } from "../fixtures/chat";
import { calls } from "../pages";
import { scenario, show } from "../render";

const messages = () => screen.findByRole("log");
const field = () =>
  screen.findByRole<HTMLTextAreaElement>("textbox", { name: /^Say something as/ });

describe("reading", () => {
  test("the chat shows who said what, which client answered and how long it took", async () => {
    await show(scenario("chat-full"));
    const log = await messages();
    const answer = within(log)
      .getByText(/18 到 25 度/)
      .closest("article");
    expect(answer?.textContent).toContain("nonebot");
    expect(answer?.textContent).toContain("0.28 s");
    expect(answer?.textContent).toContain("小明: /天气 杭州");
    await waitFor(() => expect(log.textContent).toContain("小红 banned 韩梅梅 for 10 min"));
    expect(within(log).queryByText(/no answer yet/)).toBeNull();
  });

  test("rooms show what was said last, and open", async () => {
    const { history } = await show(scenario("chat-full"));
    const rooms = await screen.findByRole("navigation", { name: "Chats" });
    const li = await within(rooms).findByRole("link", { name: /开发群.*李雷: \/help/ });
    expect(
      within(rooms).getByRole("link", { name: /隔壁群.*The bot is not in this group/ }),
    ).toBeDefined();
    await userEvent.click(li);
    expect(history.location.pathname).toBe("/chat/sim/group-20002");
    expect(await within(await messages()).findByText("/help")).toBeDefined();
  });

  test("who got it without an answer is told, and no more once an answer comes", async () => {
    const { platform } = await show(scenario("chat-no-answer"));
    expect(await screen.findByText("nonebot, koishi have it; no answer yet")).toBeDefined();
    const answer = line(10, { user_id: 10000, name: "小恒" }, says(1046, "晴"), {
      client: "koishi",
    });
    platform.send({ event: "shown", account: "other", shown: answer });
    platform.send({ event: "shown", account: "sim", shown: answer });
    expect(await screen.findByText("晴")).toBeDefined();
    expect(screen.queryByText(/no answer yet/)).toBeNull();
  });

  test("nobody connected: it says so and leads to the dialog that connects a bot", async () => {
    const alone = line(1, MING, says(1, "hello"), { delivered_to: [] });
    const { history } = await show({ ...scenario("chat-full"), answers: simulator([alone]) });
    expect(await screen.findByText(/No client is connected/)).toBeDefined();
    await userEvent.click(screen.getByRole("button", { name: "Connect a bot" }));
    expect(history.location.href).toBe("/clients?add=true");
  });

  test("a line that comes by stream and by history stands there once, a recalled one is marked", async () => {
    const { platform } = await show(scenario("chat-full"));
    await screen.findByText("今天是 李雷");
    const [, said] = LINES;
    if (!said) throw new Error("the fixture has lines");
    platform.send({ event: "shown", account: "sim", shown: said });
    platform.send({
      event: "shown",
      account: "sim",
      shown: line(11, MING, { deed: "recalled", message_id: 1041 }),
    });
    expect(await within(await messages()).findByText(/took a message back/)).toBeDefined();
    const bubble = within(await messages()).getAllByText("/天气 杭州");
    expect(bubble).toHaveLength(1);
    expect(bubble[0]?.closest("article")?.textContent).toContain("Taken back");
  });

  test("foreign texts stay text: names, right to left, pictures, long ones cut", async () => {
    const { container } = await show(scenario("chat-foreign"));
    const log = await messages();
    expect(await within(log).findByText(/<b>不是标签<\/b>/)).toBeDefined();
    expect(container.querySelector("b b, script")).toBeNull();
    expect(
      within(log)
        .getByText(/שורה שנייה/)
        .closest("[dir=auto]"),
    ).not.toBeNull();
    expect(within(log).getByText(/\ufffd反着写的字/)).toBeDefined();
    const picture = await within(log).findByRole("img", { name: "[picture]" });
    expect(picture.getAttribute("src")).toBe(PICTURE);
    const cut = within(log).getByText(/^字+…$/);
    expect(cut.textContent?.length).toBe(601);
    const show_all = within(log).getAllByRole("button", { name: "Show all" });
    await userEvent.click(show_all.at(-1) as HTMLElement);
    expect(within(log).getByText(/^字{2000}$/)).toBeDefined();
  });

  test("it stays at the end, unless somebody has scrolled up: then new lines are counted", async () => {
    const { platform } = await show(scenario("chat-full"));
    const log = await messages();
    await within(log).findByText("今天是 李雷");
    Object.defineProperty(log, "scrollHeight", { value: 5000, configurable: true });
    fireEvent.scroll(log);
    for (const id of [21, 22, 23]) {
      platform.send({
        event: "shown",
        account: "sim",
        shown: line(id, MING, says(id, `no. ${id}`)),
      });
    }
    const more = await screen.findByRole("button", { name: "3 new messages" });
    await userEvent.click(more);
    expect(screen.queryByRole("button", { name: /new message/ })).toBeNull();
  });

  test("an empty chat offers three beginnings", async () => {
    const { platform } = await show(scenario("chat-empty"));
    await userEvent.click(await screen.findByRole("button", { name: "/help" }));
    await userEvent.click(screen.getByRole("button", { name: /hello$/ }));
    await userEvent.click(screen.getByRole("button", { name: /^Poke/ }));
    expect(calls<Say>(platform, "say").map(({ text }) => text)).toEqual([
      "/help",
      "[CQ:at,qq=10000] hello",
    ]);
    expect(calls<{ event: ChatEvent }>(platform, "simulate")[0]?.event).toEqual({
      event: "poke",
      group_id: 20001,
      user_id: 10001,
      target_id: 10000,
    });
  });
});

describe("speaking", () => {
  test("Enter sends, Shift Enter breaks the line, a word of an input method sends nothing", async () => {
    const { platform } = await show(scenario("chat-full"));
    const input = await field();
    await userEvent.type(input, "[[a],&{Shift>}{Enter}{/Shift}b");
    fireEvent.keyDown(input, { key: "Enter", keyCode: 229 });
    fireEvent.keyDown(input, { key: "Enter", isComposing: true });
    expect(calls(platform, "say")).toEqual([]);
    await userEvent.type(input, "{Enter}");
    expect(calls<Say>(platform, "say")).toEqual([
      { account: "sim", chat: "20001", speaker: "10001", text: "&#91;a&#93;,&amp;\nb" },
    ]);
    expect(input.value).toBe("");
  });

  test("Alt with an arrow changes who speaks, ArrowUp brings back what was said", async () => {
    const { platform } = await show(scenario("chat-full"));
    const input = await field();
    await userEvent.click(input);
    await userEvent.keyboard("{ArrowUp}");
    expect(input.value).toBe("@小恒 今天谁值班");
    await userEvent.clear(input);
    await userEvent.keyboard("{Alt>}{ArrowDown}{/Alt}hey{Enter}");
    await userEvent.keyboard("{Alt>}{ArrowUp}{ArrowUp}{/Alt}ho{Enter}");
    expect(calls<Say>(platform, "say").map(({ speaker, text }) => [speaker, text])).toEqual([
      ["10002", "hey"],
      ["10004", "ho"],
    ]);
    await userEvent.keyboard("{ArrowUp}");
    expect(input.value).toBe("ho");
  });

  test("what could not be said is there again, with the reason", async () => {
    const refusal = { code: "simulator.silenced", params: { user_id: 10001, group_id: 20001 } };
    await show({
      ...scenario("chat-full"),
      answers: {
        ...simulator(LINES),
        say: () => Promise.reject(new CallFailed({ code: "conflict", message: refusal })),
      },
    });
    const input = await field();
    await userEvent.type(input, "hello{Enter}");
    expect((await screen.findByRole("alert")).textContent).toMatch(/may not speak in group/);
    expect(input.value).toBe("hello");
  });

  test("a picture is pasted, shown, taken away again, and sent as a CQ code", async () => {
    const { platform } = await show(scenario("chat-full"));
    const input = await field();
    const bytes = Uint8Array.from(atob(PICTURE.split(",")[1] ?? ""), (one) => one.charCodeAt(0));
    const picture = new File([bytes], "a.png", { type: "image/png" });
    fireEvent.paste(input, { clipboardData: { files: [picture] } });
    await userEvent.click(await screen.findByRole("button", { name: "Remove the picture" }));
    fireEvent.paste(input, { clipboardData: { files: [picture] } });
    expect(await screen.findByRole("img", { name: "Picture 1" })).toBeDefined();
    await userEvent.type(input, "look{Enter}");
    expect(calls<Say>(platform, "say")[0]?.text).toBe(
      `look[CQ:image,file=base64://${PICTURE.split(",")[1]}]`,
    );
    fireEvent.paste(input, { clipboardData: { files: [new File(["no"], "a.txt")] } });
    expect(await screen.findByText(/This file is no picture/)).toBeDefined();
  });

  test("a message's menu opens by key, and gives the focus back", async () => {
    await show(scenario("chat-full"));
    const article = (await within(await messages()).findByText(/今天谁值班/)).closest("article");
    const button = () => within(article as HTMLElement).getByRole("button", { name: /What to do/ });
    button().focus();
    for (const times of ["first", "second"]) {
      await userEvent.keyboard("{Enter}");
      expect(await screen.findByRole("menuitem", { name: "Answer" }), times).toBeDefined();
      await userEvent.keyboard("{Escape}");
      await waitFor(() => expect(document.activeElement).toBe(button()));
    }
  });

  test("a message is answered, called and taken back from its menu", async () => {
    const { platform } = await show(scenario("chat-full"));
    const log = await messages();
    const open = async (text: RegExp) => {
      const article = (await within(log).findByText(text)).closest("article") as HTMLElement;
      await userEvent.click(within(article).getByRole("button", { name: /What to do/ }));
    };
    await open(/今天谁值班/);
    await userEvent.click(await screen.findByRole("menuitem", { name: "Answer" }));
    await waitFor(() =>
      expect(document.body.textContent).toContain("Answer to 小红: @小恒 今天谁值班"),
    );
    await open(/今天是 李雷/);
    await userEvent.click(await screen.findByRole("menuitem", { name: /^Call/ }));
    await waitFor(async () => expect(document.activeElement).toBe(await field()));
    await userEvent.keyboard("and write at once{Enter}");
    await waitFor(() =>
      expect(calls<Say>(platform, "say")[0]?.text).toBe(
        "[CQ:reply,id=1043][CQ:at,qq=10000] and write at once",
      ),
    );

    await open(/今天是 李雷/);
    await userEvent.click(await screen.findByRole("menuitem", { name: "Take back" }));
    expect(calls<{ event: ChatEvent }>(platform, "simulate")[0]?.event).toEqual({
      event: "recall",
      message_id: 1044,
      operator_id: MING.user_id,
    });
  });

  test("without a connection nothing is sent and the reason is told", async () => {
    const { platform } = await show(scenario("chat-full"));
    const input = await field();
    await userEvent.type(input, "hello");
    platform.stand({ state: "lost", attempt: 2, retryAt: Date.now() + 5000 });
    await waitFor(() =>
      expect(screen.getByRole("button", { name: "Send" }).getAttribute("aria-disabled")).toBe(
        "true",
      ),
    );
    await userEvent.type(input, "{Enter}");
    expect(calls(platform, "say")).toEqual([]);
    expect(input.value).toBe("hello");
    const make = screen.getByRole("button", { name: "Make something happen" });
    expect((make as HTMLButtonElement).disabled).toBe(true);
  });
});

describe("events", () => {
  const make = async (name: string) => {
    await userEvent.click(await screen.findByRole("button", { name: "Make something happen" }));
    await userEvent.click(await screen.findByRole("menuitem", { name }));
  };
  const done = async () =>
    userEvent.click(await screen.findByRole("button", { name: "Send the event" }));
  const made = (platform: FakePlatform) =>
    calls<{ event: ChatEvent }>(platform, "simulate").at(-1)?.event;

  test("forms are filled in already, and say what they mean", async () => {
    const { platform } = await show(scenario("chat-full"));
    await messages();
    await make("Ban somebody");
    await done();
    expect(made(platform)).toEqual({
      event: "ban",
      group_id: 20001,
      user_id: 10000,
      operator_id: MING.user_id,
      duration: 600,
    });
    await make("Ban everybody");
    await done();
    expect(made(platform)).toEqual({
      event: "whole_ban",
      group_id: 20001,
      operator_id: MING.user_id,
      enable: true,
    });
    await make("Invite the bot");
    await done();
    expect(made(platform)).toEqual({
      event: "group_invite",
      group_id: 20004,
      user_id: 10006,
      comment: "Hello, please let me in",
    });
  });

  test("every event can be made, as far as the chat has who does it", async () => {
    const { platform } = await show(scenario("chat-full"));
    await messages();
    const all = [
      ["Poke", "poke"],
      ["Take a message back", "recall"],
      ["Upload a file", "upload"],
      ["Join", "join"],
      ["Leave", "leave"],
      ["Remove somebody", "kick"],
      ["Make or unmake an admin", "admin"],
      ["Become a friend", "friend_add"],
      ["Ask to be a friend", "friend_request"],
      ["Ask to join", "group_request"],
    ] as const;
    for (const [name, event] of all) {
      await make(name);
      await done();
      expect(made(platform)?.event).toBe(event);
    }
  });

  test("in a private chat only what fits there is offered; a wrong number is not sent", async () => {
    const { platform } = await show(scenario("chat-full"), { path: "/chat/sim/user-10002" });
    await userEvent.click(await screen.findByRole("button", { name: "Make something happen" }));
    const items = (await screen.findAllByRole("menuitem")).map(({ textContent }) => textContent);
    expect(items).toEqual([
      "Poke",
      "Take a message back",
      "Become a friend",
      "Ask to be a friend",
      "Invite the bot",
    ]);
    await userEvent.click(screen.getByRole("menuitem", { name: "Poke" }));
    await done();
    expect(made(platform)).toEqual({
      event: "poke",
      group_id: null,
      user_id: HONG.user_id,
      target_id: 10000,
    });
  });

  test("why something is refused stands in the form", async () => {
    const message = { code: "simulator.already_friend", params: { user_id: HAN.user_id } };
    await show({
      ...scenario("chat-full"),
      answers: {
        ...simulator(LINES),
        simulate: () => Promise.reject(new CallFailed({ code: "conflict", message })),
      },
    });
    await messages();
    await make("Become a friend");
    await done();
    expect(await screen.findByText(/is a friend of the bot account already/)).toBeDefined();
  });
});

describe("raw frames", () => {
  test("they belong to the last question until another message is chosen, and fold away for good", async () => {
    const { platform } = await show(scenario("chat-full"));
    const frames = await screen.findByRole("region", { name: "Raw frames" });
    expect(await within(frames).findByText("message.group")).toBeDefined();
    expect(within(frames).getByText("send_group_msg")).toBeDefined();
    expect(within(frames).getByText("+282 ms")).toBeDefined();
    expect(calls(platform, "chat_frames")[0]).toEqual({ account: "sim", line: 7 });

    await userEvent.click(within(await messages()).getByText("/天气 杭州"));
    await waitFor(() =>
      expect(calls(platform, "chat_frames").at(-1)).toEqual({ account: "sim", line: 5 }),
    );
    await userEvent.click(within(frames).getByRole("button", { name: "Fold raw frames away" }));
    expect(screen.queryByRole("region", { name: "Raw frames" })).toBeNull();
    expect(localStorage.getItem("perpetua.frames-folded")).toBe("true");
  });
});

test("a frame of any size is shown with few elements, a short one with places to break", async () => {
  const frame = (numbers: number) => ({
    kind: "event" as const,
    time_ms: 0,
    client: null,
    text: JSON.stringify({ post_type: "message", numbers: Array(numbers).fill(1) }),
  });
  const made = scenario("chat-full");
  await show({
    ...made,
    answers: { ...made.answers, chat_frames: () => [frame(10), frame(50_000)] },
  });
  const frames = await screen.findByRole("region", { name: "Raw frames" });
  await within(frames).findAllByText("message");
  const [short, long] = [...frames.querySelectorAll("pre")];
  expect(short?.querySelectorAll("wbr").length).toBeGreaterThan(9);
  expect(long?.textContent).toHaveLength(frame(50_000).text.length);
  expect(long?.querySelectorAll("*").length).toBeLessThan(20);
});

describe("simulators", () => {
  test("without one the page says so and adds one", async () => {
    const { platform, history } = await show({
      ...scenario("chat-none"),
      answers: {
        account_add: () => ({ account: "sim", applied: { changes: [], pending: [] } }),
      },
    });
    await userEvent.click(await screen.findByRole("button", { name: "Add a simulator" }));
    expect(calls(platform, "account_add")).toEqual([{ upstream: { kind: "simulator" } }]);
    await waitFor(() => expect(history.location.pathname).toBe("/chat/sim/first"));
  });

  test("several are switched between; one that is off is switched on", async () => {
    const { status } = scenario("chat-full");
    if (!status) throw new Error("the scenario has a snapshot");
    const sim = status.accounts.find(({ name }) => name === "sim");
    if (!sim) throw new Error("the scenario has a simulator");
    const second = { ...sim, name: "sim-2", enabled: false };
    const { platform, history } = await show({
      ...scenario("chat-full"),
      status: { ...status, accounts: [...status.accounts, second] },
      answers: {
        ...simulator(LINES),
        set_account_enabled: () => ({ changes: [], pending: [] }),
      },
    });
    await messages();
    await userEvent.click(screen.getByRole("radio", { name: "sim-2" }));
    expect(history.location.pathname).toBe("/chat/sim-2/first");
    await userEvent.click(await screen.findByRole("button", { name: "Enable" }));
    expect(calls(platform, "set_account_enabled")).toEqual([{ account: "sim-2", enabled: true }]);
  });

  test("one that does not answer says why and is asked again", async () => {
    let fails = true;
    const answers = simulator(LINES);
    await show({
      ...scenario("chat-full"),
      answers: {
        ...answers,
        simulator_world: (params) => {
          if (fails) throw new CallFailed(null);
          return answers.simulator_world?.(params) ?? Promise.reject(new CallFailed(null));
        },
      },
    });
    const again = await screen.findByRole("button", { name: "Try again" });
    fails = false;
    await userEvent.click(again);
    expect(await messages()).toBeDefined();
  });
});
