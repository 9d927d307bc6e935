/** Every state of a login, and what a person can do in it. */
import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CallFailed } from "../../src/platform";
import { loggingIn, qr } from "../fixtures/login";
import { core, node } from "../fixtures/parts";
import { scenario, show } from "../render";

const calls = (called: { name: string }[], name: string) =>
  called.filter((one) => one.name === name);

/** The scenario, its title, and what else has to be there. */
const STATES: [string, string, string[]][] = [
  ["login-scan", "Scan with QQ on your phone", ["code 2 of 5", "not accepted; a scan is needed"]],
  [
    "login-expired",
    "Scan with QQ on your phone",
    ["This code has expired. The next one is on its way."],
  ],
  ["login-confirm", "Scan with QQ on your phone", ["123456789 scanned; tap Log in on the phone"]],
  ["login-wrong-scan", "Scan with QQ on your phone", ["New code"]],
  ["login-starting", "Log in", ["Start the core"]],
  ["login-session", "Log in", ["Use the saved login"]],
  ["login-finishing", "Log in", ["Confirm on the phone"]],
  ["login-online", "Logged in", ["Logged in; frameworks have gone on", "Connect your bot"]],
  ["login-refused", "QQ refused the login", ["Most likely: the signer does not fit the core"]],
  ["login-refused-unknown", "QQ refused the login", ["Log in again"]],
  ["login-wrong-account", "Another account logged in", ["Use 20000001 here"]],
  ["login-nobody", "Log in", ["Get a code"]],
  ["login-kicked", "Log in", ["Log in again"]],
  ["login-given-up", "Log in", ["Last output", "Copy"]],
  ["login-no-signer", "Log in", ["Add a signer"]],
  ["login-installing", "Log in", ["12 MB of 42 MB · 2 MB/s · 14 s left"]],
];

test.each(STATES)("%s", async (name, title, texts) => {
  await show(scenario(name));
  expect(await screen.findByRole("heading", { level: 1, name: title })).toBeDefined();
  for (const text of texts) expect(await screen.findByText(text)).toBeDefined();
  const own = ["login-online", "login-refused", "login-refused-unknown", "login-wrong-account"];
  if (!own.includes(name)) {
    expect(await screen.findByText(/^Only 123456789 may log in here/)).toBeDefined();
  }
});

test("the code is drawn from its address, as a picture only where there is none, and in no title", async () => {
  await show(scenario("login-scan"));
  const code = await screen.findByRole("img", { name: "Login QR code" });
  expect(code.tagName.toLowerCase()).toBe("svg");
  expect(document.title).toBe("Scan with QQ on your phone · perpetua");
});

test("without its address the code is the core's own picture", async () => {
  await show(scenario("login-scan-png"));
  const code = await screen.findByRole("img", { name: "Login QR code" });
  expect(code.getAttribute("src")).toMatch(/^data:image\/png;base64,/);
});

test("R asks for a new code, also where the button says why it cannot be had", async () => {
  const made = scenario("login-scan");
  const { platform } = await show({
    ...made,
    answers: {
      ...made.answers,
      login_new_code: () => {
        throw new CallFailed({ code: "conflict", message: { code: "core.called_off" } });
      },
    },
  });
  await screen.findByText("code 2 of 5");
  await userEvent.keyboard("r");
  expect(calls(platform.called, "login_new_code")).toEqual([
    { name: "login_new_code", params: { account: "main" } },
  ]);
  expect(await screen.findByText(/^the start was called off$/i)).toBeDefined();
});

test("Esc leads back to the account", async () => {
  const { history } = await show(scenario("login-scan"));
  await screen.findByText("code 2 of 5");
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(history.location.pathname).toBe("/accounts/main"));
});

test("another signer is put first, and the login begins again", async () => {
  const made = scenario("login-refused");
  const { platform } = await show({
    ...made,
    answers: {
      ...made.answers,
      account_edit: () => ({
        applied: { changes: [], pending: [] },
        address: null,
        undo: null,
        now: {},
      }),
      login: () => core({ state: "starting", phase: "preparing" }),
    },
  });
  await userEvent.click(await screen.findByText("Use backup and log in again"));
  await waitFor(() => expect(calls(platform.called, "login")).toHaveLength(1));
  expect(calls(platform.called, "account_edit")).toEqual([
    { name: "account_edit", params: { account: "main", change: { signers: ["backup", "mine"] } } },
  ]);
});

test("without another signer the way leads to the signers, and a login as it is stays possible", async () => {
  const { history } = await show(scenario("login-refused-no-other"));
  const manage = await screen.findByText("Manage signers");
  expect(screen.queryByText(/and log in again/)).toBeNull();
  expect(screen.getByText("Try again as it is")).toBeDefined();
  await userEvent.click(manage);
  await waitFor(() => expect(history.location.pathname).toBe("/signers"));
});

test("QQ's words are marked as Chinese on an English page", async () => {
  await show(scenario("login-refused"));
  await screen.findByText("Manage signers");
  const words = [...document.querySelectorAll("main [lang=zh-CN]")].map((one) => one.textContent);
  expect(words.join("")).toContain("禁止登录");
  expect(words.join("")).toContain("登录失败");
});

test("who logged in may become the account's owner", async () => {
  const made = scenario("login-wrong-account");
  const { platform } = await show({
    ...made,
    answers: {
      ...made.answers,
      account_edit: () => ({
        applied: { changes: [], pending: [] },
        address: null,
        undo: null,
        now: {},
      }),
      login: () => core({ state: "starting", phase: "preparing" }),
    },
  });
  await userEvent.click(await screen.findByText("Use 20000001 here"));
  await waitFor(() => expect(calls(platform.called, "login")).toHaveLength(1));
  expect(calls(platform.called, "account_edit")[0]).toMatchObject({
    params: { change: { uin: 20000001 } },
  });
});

test("who has just logged in is led to the bot", async () => {
  const { history } = await show(scenario("login-online"));
  await userEvent.click(await screen.findByRole("button", { name: "Connect your bot" }));
  await waitFor(() => expect(history.location.pathname).toBe("/welcome/connect"));
  expect(history.location.search).toBe("?account=main");
});

test("an earlier login is restored after a question", async () => {
  const made = scenario("login-refused");
  const { platform } = await show({
    ...made,
    answers: { ...made.answers, login_restore: () => ({ changes: [], pending: [] }) },
  });
  await userEvent.click(await screen.findByText("Restore it"));
  const dialog = await screen.findByRole("dialog");
  expect(within(dialog).getByText("Restore the login of Nov 26 21:40?")).toBeDefined();
  expect(calls(platform.called, "login_restore")).toHaveLength(0);
  await userEvent.click(within(dialog).getByRole("button", { name: "Restore" }));
  await waitFor(() => expect(calls(platform.called, "login_restore")).toHaveLength(1));
});

test("Esc closes the question about a restore, and nothing else", async () => {
  const { history } = await show(scenario("login-scan"));
  await userEvent.click(await screen.findByText("Restore it"));
  await screen.findByRole("dialog");
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(history.location.pathname).toBe("/accounts/main/login");
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(history.location.pathname).toBe("/accounts/main"));
});

test("a scan with another account stops the page until it is mended", async () => {
  await show(scenario("login-wrong-scan"));
  expect(await screen.findByRole("alert")).toBeDefined();
  expect(screen.queryByRole("img", { name: "Login QR code" })).toBeNull();
});

test("nothing that calls perpetua can be pressed while it cannot be reached", async () => {
  await show({
    ...scenario("login-scan"),
    link: { state: "lost", attempt: 3, retryAt: Date.now() + 5000 },
  });
  expect(await screen.findByText("Connection to perpetua lost; reconnecting")).toBeDefined();
  const button = screen.getByRole("button", { name: "New code" });
  expect(button).toHaveProperty("disabled", true);
});

describe("with a clock of its own", withClock);

/** Time is the test's own here: what counts down, and what happens when nobody is there. */
function withClock() {
  beforeEach(() => vi.useFakeTimers({ shouldAdvanceTime: true }));
  afterEach(() => void vi.useRealTimers());

  const pass = async (milliseconds: number) => {
    await act(() => vi.advanceTimersByTimeAsync(milliseconds));
  };

  test.each([3, -3])(
    "a clock that is turned by %i h ends no code, and keeps none alive",
    async (hours) => {
      const { stop } = await show({
        ...scenario("login-scan"),
        status: node([loggingIn({ state: "waiting_for_scan", qr: qr({ expires_in_s: 62 }) })]),
      });
      await screen.findByText(/^6[12] s left$/);
      stop();
      vi.setSystemTime(Date.now() + hours * 3_600_000);
      await pass(10_000);
      // A slow machine takes seconds of its own, not hours.
      expect(await screen.findByText(/^(4\d|5[012]) s left$/)).toBeDefined();
    },
  );

  test("the time left is read aloud at 60, 30 and 10 seconds only", async () => {
    await show({
      ...scenario("login-scan"),
      status: node([loggingIn({ state: "waiting_for_scan", qr: qr({ expires_in_s: 62 }) })]),
    });
    await screen.findByText(/^6[12] s left$/);
    const said = () =>
      screen
        .getAllByRole("status")
        .map((one) => one.textContent)
        .filter((text) => /s left/.test(text ?? ""));
    expect(said()).toEqual([]);
    await pass(3000);
    expect(said()).toEqual(["60 s left"]);
    await pass(20_000);
    expect(said()).toEqual(["60 s left"]);
    await pass(10_000);
    expect(said()).toEqual(["30 s left"]);
    await pass(20_000);
    expect(said()).toEqual(["10 s left"]);
    await pass(12_000);
    expect(screen.getByText("0 s left")).toBeDefined();
    expect(screen.getByText("This code has expired. The next one is on its way.")).toBeDefined();
  });

  test("a page opened while nobody is there puts its code away, and the next one too", async () => {
    const focus = vi.spyOn(document, "hasFocus").mockReturnValue(false);
    const waiting = (code: number) =>
      node([loggingIn({ state: "waiting_for_scan", qr: qr({ code, expires_in_s: 600 }) })]);
    const { platform } = await show({ ...scenario("login-scan"), status: waiting(1) });
    await screen.findByRole("img", { name: "Login QR code" });
    await pass(61_000);
    expect(screen.queryByRole("img", { name: "Login QR code" })).toBeNull();
    act(() => platform.become(node([loggingIn({ state: "starting", phase: "connecting" })])));
    await pass(1000);
    act(() => platform.become(waiting(2)));
    await pass(1000);
    expect(screen.getByRole("button", { name: "Show the code" })).toBeDefined();
    expect(screen.queryByRole("img", { name: "Login QR code" })).toBeNull();
    focus.mockRestore();
  });

  test("the code is put away when the window was left for a minute, and shown again by a click", async () => {
    await show({
      ...scenario("login-scan"),
      status: node([loggingIn({ state: "waiting_for_scan", qr: qr({ expires_in_s: 600 }) })]),
    });
    await screen.findByRole("img", { name: "Login QR code" });
    fireEvent.blur(window);
    await pass(30_000);
    fireEvent.focus(window);
    await pass(61_000);
    expect(screen.queryByText("Show the code")).toBeNull();

    fireEvent.blur(window);
    await pass(61_000);
    expect(screen.queryByRole("img", { name: "Login QR code" })).toBeNull();
    fireEvent.focus(window);
    expect(screen.queryByRole("img", { name: "Login QR code" })).toBeNull();
    fireEvent.click(screen.getByText("Show the code"));
    expect(screen.getByRole("img", { name: "Login QR code" })).toBeDefined();
  });

  test("the page leaves by itself once the account is online, but not when somebody is at work on it", async () => {
    const online = loggingIn({ state: "online", who: 1, for_s: 0, signer_problem: null });
    const first = await show(scenario("login-finishing"));
    await screen.findByRole("heading", { level: 1, name: "Log in" });
    first.platform.become(node([online]));
    await screen.findByText("Logged in; frameworks have gone on");
    await pass(3500);
    expect(first.history.location.pathname).toBe("/");
    first.unmount();

    const second = await show(scenario("login-finishing"));
    await screen.findByRole("heading", { level: 1, name: "Log in" });
    second.platform.become(node([online]));
    await screen.findByText("Logged in; frameworks have gone on");
    act(() => screen.getByText("Restore it").focus());
    await pass(3500);
    expect(second.history.location.pathname).toBe("/accounts/main/login");
  });
}
