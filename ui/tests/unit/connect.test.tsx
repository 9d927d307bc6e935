/** How a framework gets to its port: the lines, the token in them, and who has come. */
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { paint } from "../../src/components/connect/paint";
import { CallFailed } from "../../src/platform";
import { account, client, connection, node } from "../fixtures/parts";
import { scenario, show } from "../render";

const TOKEN = "b7c1a9e2f04d4f7fa1f0c3d2e5a69788";

test("the token is dots, and what is copied has the real one", async () => {
  const { platform } = await show(scenario("first-run-connect"));
  const code = await screen.findByRole("region", { name: ".env" });
  expect(code.textContent).toContain("ONEBOT_ACCESS_TOKEN=••••••••");
  expect(code.textContent).not.toContain(TOKEN);
  await userEvent.click(screen.getByRole("button", { name: "Copy, token included" }));
  await waitFor(() => {
    const written = platform.called.find(({ name }) => name === "clipboard_write");
    expect(written?.params).toEqual({
      text: `DRIVER=~aiohttp\nONEBOT_WS_URLS=["ws://127.0.0.1:6700"]\nONEBOT_ACCESS_TOKEN=${TOKEN}\n`,
    });
  });
});

test("the token is shown on request, and dots again when the window is left", async () => {
  await show(scenario("first-run-connect"));
  await userEvent.click(await screen.findByRole("button", { name: "Show the token" }));
  const code = screen.getByRole("region", { name: ".env" });
  await waitFor(() => expect(code.textContent).toContain(TOKEN));
  window.dispatchEvent(new Event("blur"));
  await waitFor(() => expect(code.textContent).not.toContain(TOKEN));
});

test("who came with a wrong token is told, with what to do, until somebody is in", async () => {
  const { platform } = await show(scenario("first-run-connect"));
  expect(await screen.findByText("Waiting for NoneBot2 on 127.0.0.1:6700")).toBeDefined();
  platform.become(
    node([
      account({
        clients: [
          client({
            connections: [],
            notices: [
              {
                message: { code: "refused.wrong_token", params: { peer: "127.0.0.1:5" } },
                count: 1,
                last_unix_s: Date.now() / 1000 - 12,
              },
            ],
          }),
        ],
      }),
    ]),
  );
  expect(await screen.findByText("12 s ago a program came with a wrong token")).toBeDefined();
  expect(
    screen.getByText("Perhaps NoneBot2 still has the old token. Copy the lines again."),
  ).toBeDefined();
  platform.become(node([account({ clients: [client()] })]));
  expect(await screen.findByText("NoneBot2 is connected")).toBeDefined();
  expect(screen.queryByText(/wrong token/)).toBeNull();
});

test("the framework is chosen, and chosen again the next time", async () => {
  const { platform } = await show(scenario("first-run-connect"));
  await userEvent.click(await screen.findByText("Koishi"));
  expect(await screen.findByRole("region", { name: "koishi.yml" })).toBeDefined();
  expect(localStorage.getItem("perpetua.framework.main/nonebot")).toBe("koishi");
  expect(platform.called.filter(({ name }) => name === "guide").at(-1)?.params).toMatchObject({
    framework: "koishi",
  });
});

test("a framework that cannot come yet says why where it is chosen, and nowhere else", async () => {
  const made = scenario("first-run-connect");
  const guide = made.answers?.guide;
  if (!guide) throw new Error("it is answered");
  await show({
    ...made,
    answers: {
      ...made.answers,
      guide: (asked) =>
        asked.framework === "astrbot"
          ? { snippets: [], notes: [{ code: "guide.astrbot" }] }
          : guide(asked),
    },
  });
  expect(await screen.findByRole("region", { name: ".env" })).toBeDefined();
  expect(screen.queryByText(/it waits for perpetua/)).toBeNull();
  await userEvent.click(screen.getByText("AstrBot"));
  expect(await screen.findByText(/it waits for perpetua/)).toBeDefined();
  expect(screen.queryByRole("region", { name: ".env" })).toBeNull();
});

test("who is connected is told by itself, not by the lines that are looked at", async () => {
  const { platform } = await show(scenario("first-run-connect"));
  await userEvent.click(await screen.findByText("Koishi"));
  platform.become(node([account({ clients: [client()] })]));
  expect(await screen.findByText("NoneBot2 is connected")).toBeDefined();
  expect(screen.getByText("The lines above are those for Koishi.")).toBeDefined();
  const unknown = connection({ user_agent: "Python/3.13 websockets/15.0" });
  platform.become(node([account({ clients: [client({ connections: [unknown] })] })]));
  expect(await screen.findByText("The framework is connected")).toBeDefined();
  expect(screen.getByText("Python/3.13 websockets/15.0")).toBeDefined();
});

test("a token that is shown is hidden once there is a new one", async () => {
  const made = scenario("first-run-connect");
  await show({ ...made, answers: { ...made.answers, token_new: () => ({ token: "new" }) } });
  await userEvent.click(await screen.findByRole("button", { name: "Show the token" }));
  const code = () => screen.getByRole("region", { name: ".env" }).textContent;
  await waitFor(() => expect(code()).toContain(TOKEN));
  await userEvent.click(screen.getByRole("button", { name: "New token" }));
  await userEvent.click(await screen.findByRole("button", { name: "Make a new token" }));
  await waitFor(() => expect(code()).not.toContain(TOKEN));
});

test("a new token is made after a question, and the lines are read again", async () => {
  const made = scenario("first-run-connect");
  const { platform } = await show({
    ...made,
    answers: { ...made.answers, token_new: () => ({ token: "new" }) },
  });
  await userEvent.click(await screen.findByRole("button", { name: "New token" }));
  expect(await screen.findByText(/frameworks that use the old one are cut/)).toBeDefined();
  const before = platform.called.filter(({ name }) => name === "guide").length;
  await userEvent.click(screen.getByRole("button", { name: "Make a new token" }));
  await waitFor(() =>
    expect(platform.called.filter(({ name }) => name === "guide").length).toBe(before + 1),
  );
});

test("lines that cannot be read say why, and are read again", async () => {
  const made = scenario("first-run-connect");
  let broken = true;
  await show({
    ...made,
    answers: {
      ...made.answers,
      guide: (params) => {
        if (broken)
          throw new CallFailed({ code: "not_found", message: { code: "core.called_off" } });
        const answer = made.answers?.guide;
        if (!answer) throw new Error("the scenario has a guide");
        return answer(params);
      },
    },
  });
  expect(await screen.findByText(/^the start was called off$/i)).toBeDefined();
  broken = false;
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("region", { name: ".env" })).toBeDefined();
});

test("painted pieces give the text again", () => {
  const yaml = `plugins:\n  adapter-onebot:\n    selfId: "1"\n    # remark\n    token: {{token}}\n`;
  const pieces = paint(yaml, "yaml");
  expect(pieces.map(({ text }) => text).join("")).toBe(yaml);
  expect(pieces.filter(({ kind }) => kind === "name").map(({ text }) => text)).toEqual([
    "plugins",
    "adapter-onebot",
    "selfId",
    "token",
  ]);
  expect(pieces.find(({ kind }) => kind === "text")?.text).toBe('"1"');
  expect(pieces.find(({ kind }) => kind === "remark")?.text).toBe("    # remark");
  const json = `{\n  "url": "ws://a",\n  "token": "{{token}}"\n}`;
  expect(
    paint(json, "json")
      .map(({ text }) => text)
      .join(""),
  ).toBe(json);
  expect(paint("anything", "text")).toEqual([{ kind: "plain", text: "anything" }]);
});
