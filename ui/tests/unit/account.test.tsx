/** The page of an account: what it shows, what its buttons do, how its settings are saved and taken back. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { AccountConfig, AccountStatus, CoreStatus } from "../../src/generated/schema";
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
      const undo = {
        ...(uin === undefined ? {} : { uin: before.uin ?? 0 }),
        ...(seconds === undefined ? {} : { action_timeout_s: before.action_timeout_s }),
      };
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
  expect(tones).toEqual(["idle", "bad", "ok", "idle"]);
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
  const away = {
    kind: "no_network",
    since_ms: NOW,
    reason: { code: "core.nothing_reached" },
  } as const;
  for (const state of ["backoff", "starting"] as const) {
    const waits =
      state === "backoff"
        ? ({ state, failures: 1, retry_in_s: 5, reason: away.reason } as const)
        : ({ state, phase: "preparing" } as const);
    expect(culpritOf({ ...core(waits), away })).toBe("qq");
    expect(of(waits)).not.toBe("qq");
  }
});

test("the signer stands beside the core that asks it, not on the way to QQ", () => {
  const own = account({ core: core({ state: "online", who: 1, for_s: 1, signer_problem: null }) });
  const times = { account: NOW, upstream: NOW, core: NOW };
  const links = wayOf(own, accountStanding(own, times, NOW));
  expect(links.map(({ key }) => key)).toEqual(["qq", "core", "perpetua", "clients"]);
  expect(links.map(({ beside }) => beside?.key ?? null)).toEqual([null, "signer", null, null]);
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

test.each([
  [
    "en",
    "`keystore.json` could not be read; set aside, not deleted.",
    "Restore a copy",
    "it is empty",
  ],
  ["zh-CN", "`keystore.json` 读不出来，已搁置，没有删除。", "恢复备份", "它是空的"],
] as const)(
  "what was set aside of a login comes back with one click (%s)",
  async (language, said, verb, why) => {
    const made = scenario("account-set-aside");
    let refuses = true;
    const login_restore = () => {
      if (refuses)
        throw new CallFailed({ code: "conflict", message: { code: "core.login_under_way" } });
      return APPLIED;
    };
    const shown = await show(
      { ...made, answers: { ...made.answers, login_restore } },
      { language },
    );
    const restored = () => shown.platform.called.filter(({ name }) => name === "login_restore");
    const title = await screen.findByText(
      (_, element) => element?.textContent === said.replaceAll("`", ""),
    );
    expect(title).toBeDefined();
    expect(screen.getByText(new RegExp(why))).toBeDefined();
    expect(screen.getByText(/broken-20260131T235959Z/)).toBeDefined();
    await userEvent.click(screen.getByRole("button", { name: verb }));
    expect(await screen.findByRole("alert")).toBeDefined();
    refuses = false;
    await userEvent.click(screen.getByRole("button", { name: verb }));
    await waitFor(() => expect(restored()).toHaveLength(2));
    expect(screen.queryByRole("alert")).toBeNull();
  },
);

test("without a copy there is nothing to press, and with nothing set aside nothing is said", async () => {
  const made = scenario("account-set-aside");
  const [first] = made.status?.accounts ?? [];
  const aside = (set_aside: CoreStatus["set_aside"]) => {
    const status = { ...first, core: { ...first?.core, set_aside } } as AccountStatus;
    return { ...made, status: node([status]) };
  };
  const files = first?.core?.set_aside ?? [];
  await show(aside(files.map((one) => ({ ...one, copy_ms: null }))));
  expect(await screen.findByText(/No earlier login was kept/)).toBeDefined();
  expect(screen.queryByRole("button", { name: "Restore a copy" })).toBeNull();
});

test("whatever of a login is gone or set aside is said, and all of it at once", async () => {
  const made = scenario("account-set-aside");
  const [first] = made.status?.accounts ?? [];
  const [session] = first?.core?.set_aside ?? [];
  if (!session?.aside) throw new Error("the scenario has a session that was set aside");
  const moved = { ...session.aside, name: "device.json.broken-20260131T235959Z" };
  const device = { ...session, file: "device.json", aside: moved };
  const gone = { ...session, aside: null };
  const cases = [
    { set_aside: [session], unread: /^keystore\.json could not be read/, isGone: false },
    { set_aside: [device], unread: /^device\.json could not be read/, isGone: false },
    { set_aside: [session, device], unread: /^keystore\.json · device\.json could/, isGone: false },
    { set_aside: [gone], unread: null, isGone: true },
    { set_aside: [gone, device], unread: /^device\.json could not be read/, isGone: true },
  ];
  const says = (wanted: RegExp) => (_: string, element: Element | null) =>
    (element?.tagName === "P" || element?.tagName === "B") &&
    wanted.test(element.textContent ?? "");
  for (const { set_aside, unread, isGone } of cases) {
    const status = { ...first, core: { ...first?.core, set_aside } } as AccountStatus;
    const { unmount } = await show({ ...made, status: node([status]) });
    expect(await screen.findByRole("button", { name: "Restore a copy" })).toBeDefined();
    expect(screen.queryAllByText(says(/^The saved session is gone/))).toHaveLength(isGone ? 1 : 0);
    expect(screen.queryAllByText(says(/could not be read/))).toHaveLength(unread ? 1 : 0);
    if (unread) expect(screen.getByText(says(unread))).toBeDefined();
    unmount();
  }
});

test("a memory limit in which no core can live is refused, and none is a limit as well", async () => {
  const { named } = await open("account-settings", {
    account_edit: ({ change }) => ({ applied: APPLIED, address: null, undo: null, now: change }),
  });
  const field = await screen.findByRole("textbox", { name: "Memory limit" });
  for (const typed of ["1", "249"]) {
    await userEvent.clear(field);
    await userEvent.type(field, `${typed}{Enter}`);
    expect(await screen.findByText("0, or a whole number from 250 to 65536"), typed).toBeDefined();
    expect(named("account_edit"), typed).toHaveLength(0);
  }
  for (const [times, typed, bytes] of [
    [1, "250", 250_000_000],
    [2, "0", 0],
  ] as const) {
    await userEvent.clear(field);
    await userEvent.type(field, `${typed}{Enter}`);
    await waitFor(() => expect(named("account_edit")).toHaveLength(times));
    const params = named("account_edit").at(-1)?.params;
    expect(params, typed).toMatchObject({ change: { memory_limit: bytes } });
  }
});

test("beside a copy there is one note: the copy first, the code second", async () => {
  await open("account-set-aside");
  await screen.findByRole("button", { name: "Restore a copy" });
  expect(screen.queryByRole("button", { name: "Show the code" })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Scan instead" }));
  await waitFor(() => expect(screen.queryByRole("button", { name: "Scan instead" })).toBeNull());
  expect(await screen.findByRole("button", { name: "Restore a copy" })).toBeDefined();
  expect(screen.queryByText("Restore it"), "it is offered once").toBeNull();
});

test("a login that works is not replaced: there is no button, and what to do is said", async () => {
  const made = scenario("account-set-aside");
  const [first] = made.status?.accounts ?? [];
  const set_aside = first?.core?.set_aside ?? [];
  const works = { state: "online", who: 1, for_s: 1, signer_problem: null } as const;
  await show({ ...made, status: node([account({ core: core(works, { set_aside }) })]) });
  expect(await screen.findByText("To restore it, stop the account first.")).toBeDefined();
  expect(screen.queryByRole("button", { name: "Restore a copy" })).toBeNull();
});

test("what a core has to remark is told beside its state, and a slow signer leads to the signers", async () => {
  await open("account-remarks");
  expect(await screen.findByText(/nightly-81b0aa47/)).toBeDefined();
  expect(screen.getByText(/12 s/)).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "See why" }));
  expect(await screen.findByRole("heading", { level: 1, name: "Signers" })).toBeDefined();
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
    { account: "main", change: { action_timeout_s: 50 }, instead_of: { action_timeout_s: 70 } },
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
    { account: "main", change: { action_timeout_s: 45 }, instead_of: { action_timeout_s: 30 } },
    { account: "main", change: { action_timeout_s: 30 }, instead_of: { action_timeout_s: 45 } },
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

test("who asks the signers, and with how much patience, is saved in its field", async () => {
  let kept = config();
  const { named } = await open("account-settings", {
    account_settings: () => kept,
    account_edit: ({ change }) => {
      const { sign_through: through, sign_patience_s: seconds } = change;
      const core = kept.core && {
        ...kept.core,
        ...(through === undefined ? {} : { sign_through: through }),
        ...(seconds === undefined ? {} : { sign_patience_s: seconds }),
      };
      kept = { ...kept, core };
      return { applied: APPLIED, address: null, undo: null, now: {} };
    },
  });
  const patience = await screen.findByRole("textbox", { name: "Patience with a signer" });
  await userEvent.clear(patience);
  await userEvent.type(patience, "61{Enter}");
  expect(await screen.findByText("A whole number from 1 to 60")).toBeDefined();
  await userEvent.clear(patience);
  await userEvent.type(patience, "8{Enter}");
  expect(
    await screen.findByText("Saved: after 8 s the next signer is asked as well"),
  ).toBeDefined();
  const through = screen.getByRole("combobox", { name: "Who asks the signers" });
  await userEvent.selectOptions(through, "core");
  expect(await screen.findByText("Saved: the core asks a signer by itself")).toBeDefined();
  await waitFor(() =>
    expect(screen.queryByRole("textbox", { name: "Patience with a signer" })).toBeNull(),
  );
  expect(named("account_edit").map(({ params }) => params)).toMatchObject([
    { change: { sign_patience_s: 8 }, instead_of: { sign_patience_s: 5 } },
    { change: { sign_through: "core" }, instead_of: { sign_through: "node" } },
  ]);
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
    { account: "main", change: { token: "s3cret" }, instead_of: {} },
    { account: "main", change: { token: "" }, instead_of: {} },
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
