/** The page of an account: what it shows, what its buttons do, how its settings are saved and taken back. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { AccountConfig } from "../../src/generated/schema";
import { culpritOf, wayOf } from "../../src/pages/account/way";
import { CallFailed } from "../../src/platform";
import { accountStanding } from "../../src/state/account";
import type { Answers } from "../fake-platform";
import { config, loggingIn, qr, SIGNERS } from "../fixtures/login";
import { account, core, NOW, node } from "../fixtures/parts";
import { scenario, show } from "../render";

const APPLIED = { changes: [], pending: [] };

async function open(name: string, answers: Answers = {}) {
  const made = scenario(name);
  const shown = await show({ ...made, answers: { ...made.answers, ...answers } });
  const named = (call: string) => shown.platform.called.filter((one) => one.name === call);
  return { ...shown, named };
}

/** Answers that keep the settings. */
function keeping(first: AccountConfig): Answers {
  let kept = first;
  return {
    account_settings: () => kept,
    account_edit: ({ change }) => {
      const { uin, action_timeout_s: seconds } = change;
      const before = kept;
      if (uin !== undefined) kept = { ...kept, uin: uin === 0 ? null : uin };
      if (seconds !== undefined) kept = { ...kept, action_timeout_s: seconds };
      const undo = { uin: before.uin ?? 0, action_timeout_s: before.action_timeout_s };
      const address = change.address ? `${change.address}/` : null;
      return { applied: APPLIED, address, undo, now: change };
    },
  };
}

test("the header tells who it is, the way where it breaks, the list what happened to it alone", async () => {
  await open("account-braked");
  expect(await screen.findByRole("heading", { level: 1, name: "值班助手" })).toBeDefined();
  expect(screen.getByText(/· 123456789 · main · Lagrange$/)).toBeDefined();
  const way = within(screen.getByRole("list", { name: "From QQ to the bots" }));
  const tones = way.getAllByRole("listitem").map((item) => item.dataset["tone"]);
  expect(tones).toEqual(["idle", "ok", "bad", "ok", "idle"]);
  expect(screen.getByText("Last output")).toBeDefined();
  expect(await screen.findByText(/^is online$/i)).toBeDefined();
});

test("the link that keeps a core from being online is the one that is marked", () => {
  const of = (state: Parameters<typeof core>[0]) => culpritOf(core(state));
  expect(of({ state: "stopped" })).toBe("core");
  expect(of({ state: "waiting_for_scan", qr: qr() })).toBe("qq");
  expect(of({ state: "signer_problem", none_configured: true, retry_in_s: 1 })).toBe("signer");
  expect(of({ state: "starting", phase: "preparing" })).toBe("signer");
  expect(of({ state: "starting", phase: "launched" })).toBe("core");
  expect(of({ state: "braked", reason: "kicked_again", cause: null, last_lines: [] })).toBe("qq");
  expect(of({ state: "online", who: 1, for_s: 1, signer_problem: { code: "signer.gone" } })).toBe(
    "signer",
  );
  expect(of({ state: "online", who: 1, for_s: 1, signer_problem: null })).toBeNull();
});

test("a program of one's own has no signer and no core in its way", () => {
  const own = account({ core: null, upstream: { ...account().upstream, kind: "onebot" } });
  const times = { account: NOW, upstream: NOW, core: NOW };
  const links = wayOf(own, accountStanding(own, times, NOW));
  expect(links.map(({ key }) => key)).toEqual(["qq", "program", "perpetua", "clients"]);
});

test("a restart that frameworks notice is asked about first", async () => {
  const { named } = await open("account-status", {
    restart: () => core({ state: "starting", phase: "preparing" }),
  });
  await userEvent.click(await screen.findByRole("button", { name: "Restart" }));
  expect(
    await screen.findByText("1 framework will be told that the account is offline."),
  ).toBeDefined();
  expect(named("restart")).toHaveLength(0);
  const dialog = within(screen.getByRole("dialog"));
  await userEvent.click(dialog.getByRole("button", { name: "Restart" }));
  await waitFor(() => expect(named("restart")).toHaveLength(1));
});

test("a core that nobody uses is started without a question, and a failure has its reason", async () => {
  const { named } = await open("account-braked", {
    start: () => {
      throw new CallFailed({ code: "conflict", message: { code: "core.called_off" } });
    },
  });
  await userEvent.click(await screen.findByRole("button", { name: "Start" }));
  expect(named("start")).toHaveLength(1);
  expect(await screen.findByText(/^the start was called off$/i)).toBeDefined();
});

test("what is typed stays when the setting changes elsewhere, and says so before it replaces it", async () => {
  let kept = config();
  const { named, platform } = await open("account-settings", {
    account_settings: () => kept,
    account_edit: () => ({ applied: APPLIED, address: null, undo: null, now: {} }),
  });
  const field = await screen.findByRole("textbox", { name: "Time for an answer" });
  await userEvent.clear(field);
  await userEvent.type(field, "45");
  kept = { ...kept, action_timeout_s: 60 };
  platform.send({ event: "settings", problems: [] });
  expect(await screen.findByText(/^Changed elsewhere to 60/)).toBeDefined();
  expect(field).toHaveProperty("value", "45");
  await userEvent.tab();
  expect(named("account_edit"), "leaving the field replaces nothing").toHaveLength(0);
  field.focus();
  await userEvent.keyboard("{Escape}");
  expect(field).toHaveProperty("value", "60");
  expect(screen.queryByText(/elsewhere/)).toBeNull();
  await userEvent.clear(field);
  await userEvent.type(field, "50");
  kept = { ...kept, action_timeout_s: 70 };
  platform.send({ event: "settings", problems: [] });
  await screen.findByText(/^Changed elsewhere to 70/);
  await userEvent.keyboard("{Enter}");
  expect(named("account_edit").map(({ params }) => params)).toEqual([
    { account: "main", change: { action_timeout_s: 50 } },
  ]);
});

test("a setting is saved when its field is left, and taken back", async () => {
  const { named } = await open("account-settings", keeping(config()));
  const field = await screen.findByRole("textbox", { name: "Time for an answer" });
  await userEvent.clear(field);
  await userEvent.type(field, "45{Enter}");
  expect(await screen.findByText("Saved: an answer may take 45 s")).toBeDefined();
  await waitFor(() => expect(field).toHaveProperty("value", "45"));
  await userEvent.click(screen.getByText("Undo"));
  expect(await screen.findByText("Taken back")).toBeDefined();
  await waitFor(() => expect(field).toHaveProperty("value", "30"));
  expect(named("account_edit").map(({ params }) => params)).toEqual([
    { account: "main", change: { action_timeout_s: 45 } },
    { account: "main", change: { uin: 123456789, action_timeout_s: 30 } },
  ]);
});

test("signers chosen one after the other are all kept, also before the first is saved", async () => {
  let answer: (() => void)[] = [];
  const first = config();
  const { named } = await open("account-settings", {
    account_settings: () => ({ ...first, core: first.core && { ...first.core, signers: [] } }),
    account_edit: () =>
      new Promise((resolve) =>
        answer.push(() => resolve({ applied: APPLIED, address: null, undo: null, now: {} })),
      ),
  } as Answers);
  const field = await screen.findByRole("combobox", { name: "Signers" });
  await userEvent.click(field);
  const names = SIGNERS.slice(0, 2).map(({ name }) => name);
  for (const name of names) {
    await userEvent.click(await screen.findByRole("option", { name, hidden: true }));
  }
  expect(named("account_edit").at(-1)?.params).toMatchObject({ change: { signers: names } });
  for (const one of answer) one();
  answer = [];
});

test("an address without its scheme is told as it was saved", async () => {
  const onebot = { ...config(), kind: "onebot", core: null, address: "ws://a/" };
  await open("account-settings", keeping(onebot));
  const field = await screen.findByLabelText("Address");
  await userEvent.clear(field);
  await userEvent.type(field, "127.0.0.1:3001{Enter}");
  expect(await screen.findByText("Saved: the address is ws://127.0.0.1:3001/")).toBeDefined();
});

test("what is saved as what was there already is shown as it is saved", async () => {
  const onebot = { ...config(), kind: "onebot", core: null, address: "ws://127.0.0.1:3001/" };
  await open("account-settings", keeping(onebot));
  const field = await screen.findByLabelText("Address");
  await userEvent.clear(field);
  await userEvent.type(field, "127.0.0.1:3001{Enter}");
  await waitFor(() => expect(field).toHaveProperty("value", "ws://127.0.0.1:3001/"));
  const seconds = screen.getByRole("textbox", { name: "Time for an answer" });
  await userEvent.clear(seconds);
  await userEvent.type(seconds, "030{Enter}");
  await waitFor(() => expect(seconds).toHaveProperty("value", "30"));
});

test("the token of a program is typed and not kept in the field, and can be taken away", async () => {
  const { named } = await open("account-settings", {
    account_settings: () => ({ ...config(), kind: "onebot", core: null, address: "ws://a/" }),
    account_edit: () => ({ applied: APPLIED, address: null, undo: null, now: {} }),
  });
  const field = await screen.findByLabelText("Token");
  await userEvent.type(field, "s3cret{Enter}");
  expect(await screen.findByText("Saved: a new token")).toBeDefined();
  expect(field).toHaveProperty("value", "");
  await userEvent.click(screen.getByRole("button", { name: "Remove the token" }));
  expect(await screen.findByText("Saved: no token")).toBeDefined();
  expect(named("account_edit").map(({ params }) => params)).toEqual([
    { account: "main", change: { token: "s3cret" } },
    { account: "main", change: { token: "" } },
  ]);
});

test("what is no number is refused before anybody is asked", async () => {
  const { named } = await open("account-settings", keeping(config()));
  const uin = await screen.findByRole("textbox", { name: "QQ account" });
  await userEvent.clear(uin);
  await userEvent.type(uin, "12 ab{Enter}");
  expect(await screen.findByText("A QQ account has digits only")).toBeDefined();
  const seconds = screen.getByRole("textbox", { name: "Time for an answer" });
  await userEvent.clear(seconds);
  await userEvent.type(seconds, "0{Enter}");
  expect(await screen.findByText("A whole number from 1 to 3600")).toBeDefined();
  expect(named("account_edit")).toHaveLength(0);
});

test("an account is switched off and on again", async () => {
  const { named } = await open("account-settings", { set_account_enabled: () => APPLIED });
  await userEvent.click(await screen.findByRole("switch", { name: "Enabled" }));
  expect(await screen.findByText("Saved: the account is disabled")).toBeDefined();
  await userEvent.click(screen.getByText("Undo"));
  await waitFor(() =>
    expect(named("set_account_enabled").map(({ params }) => params)).toEqual([
      { account: "main", enabled: false },
      { account: "main", enabled: true },
    ]),
  );
});

test("an account that is online goes only by its name", async () => {
  const { named, history } = await open("account-settings", { account_remove: () => APPLIED });
  await userEvent.click(await screen.findByRole("button", { name: "Remove main" }));
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByText(/^Its folder is deleted as a whole/)).toBeDefined();
  const remove = dialog.getByRole("button", { name: "Remove main" });
  expect(remove).toHaveProperty("disabled", true);
  await userEvent.type(dialog.getByRole("textbox"), "mai{Enter}");
  expect(named("account_remove")).toHaveLength(0);
  await userEvent.type(dialog.getByRole("textbox"), "n");
  await userEvent.click(remove);
  await waitFor(() => expect(named("account_remove")).toHaveLength(1));
  await waitFor(() => expect(history.location.pathname).toBe("/"));
  expect(await screen.findByText("main was removed")).toBeDefined();
});

test("one that is not online is removed by the button alone", async () => {
  const made = scenario("account-settings");
  const away = loggingIn({ state: "stopped" });
  await show({ ...made, status: node([away]) });
  await userEvent.click(await screen.findByRole("button", { name: "Remove main" }));
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.queryByRole("textbox")).toBeNull();
  expect(dialog.getByRole("button", { name: "Remove main" })).toHaveProperty("disabled", false);
});

test("a login is forgotten after a question, and what was not done is said", async () => {
  const { named } = await open("account-login", {
    login_forget: () => {
      throw new CallFailed({ code: "conflict", message: { code: "login.nothing_kept" } });
    },
  });
  await userEvent.click(await screen.findByRole("button", { name: "Forget" }));
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByText("Forget the login of 值班助手?")).toBeDefined();
  await userEvent.click(dialog.getByRole("button", { name: "Forget" }));
  expect(await dialog.findByText(/^this account has no backup of a login/i)).toBeDefined();
  expect(named("login_forget")).toHaveLength(1);
});

test("an account that is not there says so, and leads on", async () => {
  const { history } = await open("account-gone");
  expect(await screen.findByText("There is no account nobody")).toBeDefined();
  await userEvent.click(screen.getByText("To the overview"));
  await waitFor(() => expect(history.location.pathname).toBe("/"));
});

test("while the connection is lost the page is frozen, and nothing on it can be pressed", async () => {
  await open("account-disconnected");
  expect(await screen.findByText("Connection to perpetua lost; reconnecting")).toBeDefined();
  expect(screen.getByRole("button", { name: "Restart" })).toHaveProperty("disabled", true);
  expect(
    screen.getByRole("list", { name: "From QQ to the bots" }).closest("[data-frozen=true]"),
  ).not.toBeNull();
});
