/** An address of perpetua that changes: the page says where it goes, before it does and afterwards. */
import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Message } from "../../src/generated/schema";
import { moveOf } from "../../src/state/moving";
import { FULL } from "../fixtures/full";
import { NOW } from "../fixtures/parts";
import { keepingFile, keepingNetwork } from "../fixtures/settings";
import { shell } from "../fixtures/shell";
import { calls } from "../pages";
import { scenario, show } from "../render";

const WAITS: Message = { code: "node.needs_restart", params: { setting: "[api] listen" } };
const lost = { state: "lost", attempt: 3, retryAt: NOW + 5000 } as const;

type HappyWindow = { happyDOM: { setURL: (url: string) => void } };
const at = (url: string) => (window as unknown as HappyWindow).happyDOM.setURL(url);
const before = window.location.href;
beforeEach(() => at("http://localhost:8080/"));
afterEach(() => at(before));

const page = (url: string) => new URL(url);

test.each([
  ["127.0.0.1:9000", "127.0.0.1:8080", "http://localhost:8080/", "http://localhost:9000/"],
  ["127.0.0.1:9000", "127.0.0.1:8080", "http://127.0.0.1:8080/", "http://127.0.0.1:9000/"],
  ["0.0.0.0:9000", "0.0.0.0:8080", "http://nas.local:8080/", "http://nas.local:9000/"],
  ["[::]:9000", "[::]:8080", "http://[fd00::5]:8080/", "http://[fd00::5]:9000/"],
  ["192.168.1.5:8080", "0.0.0.0:8080", "http://nas.local:8080/", "http://192.168.1.5:8080/"],
  ["192.168.1.5:8080", "127.0.0.1:8080", "http://localhost:8080/", "http://192.168.1.5:8080/"],
  ["[::1]:8080", "127.0.0.1:8080", "http://127.0.0.1:8080/", "http://[::1]:8080/"],
  ["0.0.0.0:9000", "0.0.0.0:80", "http://nas.local/", "http://nas.local:9000/"],
])("with %s instead of %s the page at %s is at %s", (listen, now, opened, url) => {
  expect(moveOf(listen, now, page(opened))).toEqual({ is: "elsewhere", url });
});

test.each([
  ["127.0.0.1:8080", "0.0.0.0:8080", "http://nas.local:8080/", "http://127.0.0.1:8080/"],
  ["127.0.0.1:9000", "0.0.0.0:8080", "http://192.168.1.5:8080/", "http://127.0.0.1:9000/"],
])("with %s instead of %s the page at %s opens only there, at %s", (listen, now, opened, url) => {
  expect(moveOf(listen, now, page(opened))).toEqual({ is: "only_there", url });
});

test.each([
  ["https://bot.example/", "127.0.0.1:9000", false],
  ["http://bot.example/", "127.0.0.1:9000", false],
  ["https://bot.example/", "192.168.1.5:8080", true],
  ["http://127.0.0.1:18080/", "192.168.1.5:8080", true],
])(
  "%s comes through what has to lead to %s; sessions stay: %s",
  (opened, listen, keepsSessions) => {
    const move = moveOf(listen, "127.0.0.1:8080", page(opened));
    expect(move).toEqual({ is: "behind_proxy", listen, keepsSessions });
  },
);

test.each([
  ["127.0.0.1:8080", "127.0.0.1:8080", "http://localhost:8080/"],
  ["0.0.0.0:8080", "127.0.0.1:8080", "http://localhost:8080/"],
  ["127.0.0.1:8080", "0.0.0.0:8080", "http://localhost:8080/"],
  ["0.0.0.0:8080", "127.0.0.1:8080", "https://bot.example/"],
  ["127.0.0.1:0", "127.0.0.1:8080", "http://localhost:8080/"],
])("with %s instead of %s nothing changes for the page at %s", (listen, now, opened) => {
  expect(moveOf(listen, now, page(opened))).toBeNull();
});

const moved = (more = {}) => ({
  status: { ...FULL, problems: [WAITS] },
  answers: { ...keepingFile(), ...keepingNetwork({ listen: "127.0.0.1:9000" }) },
  ...more,
});

test("a page that perpetua has left says where it is now, as a link", async () => {
  const { platform } = await show(moved());
  await waitFor(() => expect(calls(platform, "network_read")).toHaveLength(1));
  act(() => platform.stand(lost));
  const link = await screen.findByRole("link", { name: "http://localhost:9000/" });
  expect(link.getAttribute("href")).toBe("http://localhost:9000/");
  expect(screen.getByText(/everybody signs in anew/)).toBeDefined();
});

test("behind a reverse proxy it says what that has to lead to", async () => {
  at("https://bot.example/");
  const { platform } = await show(moved());
  await waitFor(() => expect(calls(platform, "network_read")).toHaveLength(1));
  act(() => platform.stand(lost));
  expect(await screen.findByText(/has to lead to/)).toBeDefined();
  expect(screen.getByText("127.0.0.1:9000")).toBeDefined();
  expect(screen.getByText(/Everybody signs in anew/)).toBeDefined();
  expect(screen.queryByRole("link", { name: /9000/ })).toBeNull();
});

test("behind a reverse proxy sessions stay with the port, whatever the host", async () => {
  at("https://bot.example/");
  const answers = { ...keepingFile(), ...keepingNetwork({ listen: "192.168.1.5:8080" }) };
  const { platform } = await show(moved({ answers }));
  await waitFor(() => expect(calls(platform, "network_read")).toHaveLength(1));
  act(() => platform.stand(lost));
  expect(await screen.findByText(/has to lead to/)).toBeDefined();
  expect(screen.queryByText(/signs in anew/)).toBeNull();
});

test.each([
  ["9000", true],
  ["192.168.1.5:8080", false],
])("the question about %s behind a reverse proxy tells of a sign-in: %s", async (typed, tells) => {
  at("https://bot.example/");
  const { shell: _window, ...inBrowser } = network();
  await show(inBrowser);
  await userEvent.clear(await field());
  await userEvent.type(await field(), `${typed}{Enter}`);
  expect(await screen.findByText(/has to lead to/)).toBeDefined();
  expect(screen.queryByText(/signs in anew/) !== null).toBe(tells);
});

test("a window and a change that waits for nothing say nothing of it", async () => {
  for (const made of [
    moved({ shell: shell({}) }),
    { ...moved(), status: { ...FULL, problems: [] } },
  ]) {
    const { platform, unmount } = await show(made);
    await screen.findByRole("heading", { level: 1 });
    act(() => platform.stand(lost));
    expect(await screen.findByText(/^Connection to perpetua lost; reconnecting$/)).toBeDefined();
    expect(screen.queryByText(/signs in anew/)).toBeNull();
    unmount();
  }
});

const field = () =>
  screen.findByRole<HTMLInputElement>("textbox", { name: "Address of this page and the API" });
const network = () => ({
  ...scenario("settings-network"),
  answers: { ...keepingFile(), ...keepingNetwork() },
});

test("another port is asked about first, and the question names the new address", async () => {
  const { shell: _window, ...inBrowser } = network();
  const { platform } = await show(inBrowser);
  await userEvent.clear(await field());
  await userEvent.type(await field(), "9000{Enter}");
  expect(await screen.findByText(/this page is at http:\/\/localhost:9000\//)).toBeDefined();
  expect(screen.getByText(/through an SSH tunnel/)).toBeDefined();
  expect(document.activeElement?.textContent).toBe("Keep the address");
  await userEvent.keyboard("{Enter}");
  await waitFor(async () => expect((await field()).value).toBe("127.0.0.1:8080"));
  expect(calls(platform, "network_edit")).toEqual([]);

  await userEvent.clear(await field());
  await userEvent.type(await field(), "9000{Enter}");
  await userEvent.click(await screen.findByRole("button", { name: "Change the address" }));
  expect(await screen.findByText("Saved: address 127.0.0.1:9000")).toBeDefined();
  expect(calls(platform, "network_edit")).toMatchObject([{ change: { listen: "127.0.0.1:9000" } }]);
});

test("a page that is opened by the address of its computer needs no tunnel", async () => {
  at("http://nas.local:8080/");
  const { shell: _window, ...inBrowser } = network();
  await show({
    ...inBrowser,
    answers: { ...keepingFile(), ...keepingNetwork({ listen: "0.0.0.0:8080" }) },
  });
  await userEvent.clear(await field());
  await userEvent.type(await field(), "0.0.0.0:9000{Enter}");
  expect(await screen.findByText(/this page is at http:\/\/nas.local:9000\//)).toBeDefined();
  expect(screen.queryByText(/SSH tunnel/)).toBeNull();
});

test("in a window another port is saved at once", async () => {
  await show({ ...network(), shell: shell({}) });
  await userEvent.clear(await field());
  await userEvent.type(await field(), "9000{Enter}");
  expect(await screen.findByText("Saved: address 127.0.0.1:9000")).toBeDefined();
});

test("what waits for a start is no fault, and a window can start perpetua anew", async () => {
  const { platform } = await show(moved({ shell: shell({}) }));
  expect(await screen.findByRole("heading", { level: 1, name: "Everything works" })).toBeDefined();
  expect(screen.getByText(/^The new address of this page takes effect/)).toBeDefined();
  expect(screen.queryByText(/Something is wrong/)).toBeNull();
  expect(screen.queryByText("systemctl --user restart perpetua")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Restart now" }));
  expect(await screen.findByText(/Frameworks are told and disconnected/)).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "Restart" }));
  await waitFor(() => expect(calls(platform, "node_retry")).toEqual([{ way: "restart" }]));
  expect(await screen.findByText("perpetua was started again")).toBeDefined();
});

test("a browser, and a window of a perpetua that runs elsewhere, cannot start it anew", async () => {
  for (const made of [
    moved(),
    moved({ shell: shell({ node: { state: "other", version: null } }) }),
  ]) {
    const { unmount } = await show(made);
    expect(await screen.findByText(/^The new address of this page takes effect/)).toBeDefined();
    expect(screen.queryByRole("button", { name: "Restart now" })).toBeNull();
    expect(screen.getByText("systemctl --user restart perpetua")).toBeDefined();
    unmount();
  }
});

test.each([
  ["node.settings_problem", { problem: { code: "config.one_line" } }],
  ["node.settings_blank", { path: "/p/perpetua.toml" }],
  ["node.settings_unreadable", { path: "/p/perpetua.toml", cause: "x" }],
])("%s leads to the editor", async (code, params) => {
  const { history } = await show({
    status: { ...FULL, problems: [{ code, params }] },
    answers: keepingFile(),
  });
  await userEvent.click(await screen.findByRole("button", { name: "Open editor" }));
  await waitFor(() => expect(history.location.pathname).toBe("/settings/toml"));
});

test("an address that perpetua listens at already waits for nothing", async () => {
  await show(network());
  expect(await screen.findByText("Only the computer that runs perpetua can open it")).toBeDefined();
  expect(screen.queryByText(/takes effect at the next start/)).toBeNull();
});
