import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { Scenario } from "../fake-platform";
import { core } from "../fixtures/parts";
import { SHELL } from "../fixtures/shell";
import { calls } from "../pages";
import { scenario, show } from "../render";

const GUIDE = {
  snippets: [{ file: ".env", language: "env" as const, text: "TOKEN={{token}}" }],
  notes: [],
};

async function open(made: Scenario = scenario("full"), language: "en" | "zh-CN" = "en") {
  const shown = await show(made, { language });
  await screen.findByRole("navigation");
  await screen.findAllByText("值班助手");
  await userEvent.keyboard("{Control>}k{/Control}");
  // The first time it is loaded, which takes long on a busy machine.
  const field = await screen.findByRole("combobox", {}, { timeout: 15_000 });
  return { ...shown, field };
}

const rows = () => screen.getAllByRole("option").map(({ textContent }) => textContent);
const chosen = () => screen.getByRole("option", { selected: true }).textContent;

test("a few letters open a page, by keyboard alone; Escape closes it and gives the focus back", async () => {
  const { field, history } = await open(scenario("full"), "zh-CN");
  expect(document.activeElement).toBe(field);
  await userEvent.keyboard("khd");
  expect(chosen()).toBe("客户端");
  await userEvent.keyboard("{Enter}");
  expect(history.location.pathname).toBe("/clients");
  await waitFor(() => expect(screen.queryByRole("combobox")).toBeNull());

  await userEvent.keyboard("{Control>}k{/Control}");
  await screen.findByRole("combobox");
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("combobox")).toBeNull());
});

test("the pages of cores and signers are found by other words too, where an account needs them", async () => {
  const { field, history } = await open();
  await userEvent.keyboard("lagrange");
  expect(rows()).toContain("Core");
  await userEvent.clear(field);
  await userEvent.keyboard("signers");
  expect(chosen()).toBe("Signers");
  await userEvent.keyboard("{Enter}");
  expect(history.location.pathname).toBe("/signers");
});

test("the arrows walk through the rows and around, and the field names the chosen one", async () => {
  const { field } = await open();
  await userEvent.keyboard("nonebot");
  const first = chosen();
  await userEvent.keyboard("{ArrowDown}");
  expect(chosen()).not.toBe(first);
  const selected = screen.getByRole("option", { selected: true });
  expect(field.getAttribute("aria-activedescendant")).toBe(selected.id);
  await userEvent.keyboard("{ArrowUp}{ArrowUp}");
  expect(chosen()).toBe(rows().at(-1));
});

test("an account, a client and a client's address are found, and opened", async () => {
  const { history } = await open();
  await userEvent.keyboard("6710");
  expect(chosen()).toMatch(/^karin/);
  await userEvent.keyboard("{Enter}");
  expect(history.location.pathname).toBe("/clients/game/karin");

  await userEvent.keyboard("{Control>}k{/Control}");
  await screen.findByRole("dialog");
  await userEvent.keyboard("zbzs");
  await userEvent.keyboard("{Enter}");
  expect(history.location.pathname).toBe("/accounts/main");
});

test("connection settings are copied with their token, as the client's page does, and a toast says so", async () => {
  const made = scenario("full");
  const { platform } = await open({ ...made, answers: { ...made.answers, guide: () => GUIDE } });
  await userEvent.keyboard("copy koishi conn");
  await userEvent.keyboard("{Enter}");
  expect(await screen.findByText("koishi's connection settings are copied")).toBeDefined();
  expect(calls(platform, "guide")).toEqual([
    { account: "main", client: "koishi", framework: "koishi" },
  ]);
  expect(calls(platform, "clipboard_write")).toEqual([
    { text: "TOKEN=b7c1a9e2f04d4f7fa1f0c3d2e5a69788" },
  ]);
  expect(screen.queryByRole("combobox")).toBeNull();
});

test("a core that frameworks are connected to is restarted only after a question", async () => {
  const made = scenario("full");
  const { platform, history } = await open({
    ...made,
    answers: { ...made.answers, restart: () => core({ state: "stopping" }) },
  });
  await userEvent.keyboard("restart 值班");
  await userEvent.keyboard("{Enter}");
  const question = await screen.findByRole("dialog", { name: "Restart 值班助手's core" });
  expect(calls(platform, "restart")).toEqual([]);
  await userEvent.click(within(question).getByRole("button", { name: "Restart" }));
  await waitFor(() => expect(calls(platform, "restart")).toEqual([{ account: "main" }]));
  await waitFor(() => expect(history.location.pathname).toBe("/accounts/main"));
});

test("what does not work is said where it was pressed, and nothing is left", async () => {
  const { history } = await open();
  await userEvent.keyboard("copy koishi conn");
  await userEvent.keyboard("{Enter}");
  const dialog = await screen.findByRole("dialog");
  expect(await within(dialog).findByRole("alert")).toBeDefined();
  expect(history.location.pathname).toBe("/");
});

test("while the connection is lost, only what asks perpetua itself is left out", async () => {
  const { platform, field } = await open({ ...scenario("disconnected"), shell: SHELL });
  await userEvent.keyboard("koishi");
  expect(rows()).toContainEqual(expect.stringMatching(/^Copy koishi's address/));
  expect(rows().join()).not.toContain("connection settings");
  await userEvent.clear(field);
  await userEvent.type(field, "restart");
  expect(screen.queryByRole("option", { name: /^Restart/ })).toBeNull();
  await userEvent.clear(field);
  await userEvent.type(field, "log folder{Enter}");
  await waitFor(() => expect(calls(platform, "folder_open")).toEqual([{ folder: "logs" }]));
});

test("Enter that is held, or pressed again while the call runs, makes it once", async () => {
  let answer = () => {};
  const made = scenario("full");
  const { platform, field } = await open({
    ...made,
    answers: {
      ...made.answers,
      token: () => ({ token: null }),
      guide: () =>
        new Promise((resolve) => {
          answer = () => resolve(GUIDE);
        }),
    },
  });
  await userEvent.keyboard("copy koishi conn");
  fireEvent.keyDown(field, { key: "Enter", repeat: true });
  expect(calls(platform, "guide"), "held since before").toEqual([]);
  fireEvent.keyDown(field, { key: "Enter" });
  fireEvent.keyDown(field, { key: "Enter" });
  await waitFor(() => expect(calls(platform, "guide")).toHaveLength(1));
  answer();
  await waitFor(() => expect(screen.queryByRole("combobox")).toBeNull());
  expect(calls(platform, "guide")).toHaveLength(1);
});

test("Enter and Escape of an input method choose and close nothing", async () => {
  const { field, history } = await open();
  await userEvent.keyboard("settings");
  fireEvent.keyDown(field, { key: "Enter", isComposing: true });
  fireEvent.keyDown(field, { key: "Enter", keyCode: 229 });
  fireEvent.keyDown(field, { key: "Escape", keyCode: 229 });
  expect(history.location.pathname).toBe("/");
  expect(screen.getByRole("combobox")).toBe(field);
});

test("nothing found is said, and read aloud", async () => {
  await open();
  await userEvent.keyboard("qqq");
  expect(screen.queryByRole("listbox")).toBeNull();
  const said = screen.getAllByRole("status").map(({ textContent }) => textContent);
  expect(said).toContain("Nothing matches “qqq”.");
});

test("the list of keys names it", async () => {
  await show(scenario("full"));
  await screen.findByRole("navigation");
  await userEvent.keyboard("?");
  expect(await screen.findByText("Open a page, an account or a client")).toBeDefined();
});
