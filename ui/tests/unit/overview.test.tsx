import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { CallFailed } from "../../src/platform";
import { account, client, core, node } from "../fixtures/parts";
import { scenario, show } from "../render";

test("the title is the truth, with what today brought", async () => {
  await show(scenario("full"));
  expect(await screen.findByRole("heading", { level: 1, name: "Everything works" })).toBeDefined();
  const facts = "2 accounts online, 5 clients connected. 12,846 events today, none lost.";
  expect(await screen.findByText(facts)).toBeDefined();
});

test("those that need somebody stand first, with the one button that ends it", async () => {
  const { platform, history } = await show({
    ...scenario("attention"),
    answers: { login: () => core({ state: "starting", phase: "connecting" }) },
  });
  expect(
    await screen.findByRole("heading", { level: 1, name: "2 accounts are offline and need you" }),
  ).toBeDefined();
  const cards = screen.getAllByRole("region").filter((card) => card.querySelector("header"));
  expect(cards.map((card) => card.getAttribute("aria-label"))).toEqual([
    "值班助手",
    "游戏群",
    "sim",
  ]);
  const [kicked] = cards;
  if (!kicked) throw new Error("no card");
  await userEvent.click(within(kicked).getByText("Log in again"));
  expect(platform.called).toContainEqual({ name: "login", params: { account: "main" } });
  await waitFor(() => expect(history.location.pathname).toBe("/accounts/main/login"));
});

test("a button that did not work says why, beside itself", async () => {
  await show(scenario("attention"));
  await userEvent.click(await screen.findByText("Log in again"));
  expect(await screen.findByText(/perpetua did not answer/)).toBeDefined();
});

test("without an account the first run opens", async () => {
  const { history } = await show(scenario("empty"));
  await waitFor(() => expect(history.location.pathname).toBe("/welcome"));
});

test("disconnected, values stay, dated and without colour, and nothing can be changed", async () => {
  const { container } = await show(scenario("disconnected"));
  expect(
    await screen.findByRole("heading", { level: 1, name: "The state is unknown" }),
  ).toBeDefined();
  expect(screen.getByText("Connection to perpetua lost; reconnecting")).toBeDefined();
  expect(screen.getByText(/^Values are from .*Attempt 3/)).toBeDefined();
  expect(container.querySelector('[data-frozen="true"]')?.textContent).toContain("值班助手");
  expect(screen.getByRole("button", { name: /Add account/ })).toHaveProperty("disabled", true);
});

test("it recovers by itself", async () => {
  const { platform } = await show(scenario("disconnected"));
  await screen.findByText("Connection to perpetua lost; reconnecting");
  platform.stand({ state: "live" });
  await waitFor(() =>
    expect(screen.queryByText("Connection to perpetua lost; reconnecting")).toBeNull(),
  );
  expect(screen.getByRole("heading", { level: 1, name: "Everything works" })).toBeDefined();
});

test("of many clients the worst are shown, the rest are counted", async () => {
  const names = ["a", "b", "c", "d", "e", "f", "g"];
  const clients = names.map((name) => client({ name, enabled: name !== "a" }));
  clients.push(
    client({ name: "taken", problem: { code: "port.in_use", params: { address: "x" } } }),
  );
  await show({ status: node([account({ clients })]) });
  expect(await screen.findByText("4 more clients")).toBeDefined();
  expect(screen.getByText("taken")).toBeDefined();
  expect(screen.queryByText("a")).toBeNull();
});

test("of many accounts those that are well show their header only", async () => {
  const accounts = Array.from({ length: 7 }, (_, place) =>
    account({
      name: `a${place}`,
      nickname: `bot ${place}`,
      clients: [client({ name: `c${place}` })],
    }),
  );
  await show({ status: node(accounts) });
  expect(await screen.findByText("bot 6")).toBeDefined();
  expect(screen.queryByText("c0")).toBeNull();
});

test("stopping is asked about while frameworks would notice", async () => {
  const { platform } = await show({
    ...scenario("full"),
    answers: { stop: () => core({ state: "stopping" }) },
  });
  await userEvent.click(await screen.findByLabelText("What can be done with 值班助手"));
  await userEvent.click(await screen.findByText("Stop"));
  expect(await screen.findByText(/3 frameworks will be told/)).toBeDefined();
  expect(platform.called.some(({ name }) => name === "stop")).toBe(false);
  await userEvent.click(screen.getByRole("button", { name: "Stop" }));
  expect(platform.called).toContainEqual({ name: "stop", params: { account: "main" } });
});

test("what could not be read says so where it would stand, and can be asked again", async () => {
  let asked = 0;
  const answers = {
    happenings: () => {
      asked += 1;
      if (asked > 1) return [];
      throw new CallFailed(null);
    },
  };
  await show({ ...scenario("full"), answers });
  const lately = await screen.findByRole("region", { name: "Lately" });
  expect(within(lately).getByRole("alert").textContent).toContain("perpetua did not answer");
  await userEvent.click(within(lately).getByText("Try again"));
  expect(await within(lately).findByText(/Nothing has happened/)).toBeDefined();
});

test("a client that needs somebody says where it is mended, and there what to do", async () => {
  const taken = { code: "port.in_use", params: { address: "127.0.0.1:6700" } };
  const { history } = await show({
    status: node([account({ clients: [client({ name: "taken", problem: taken })] })]),
  });
  await userEvent.click(await screen.findByRole("link", { name: "Port taken" }));
  await waitFor(() => expect(history.location.pathname).toBe("/clients/main/taken"));
  expect(history.location.search).toContain("settings");
  const drawer = await screen.findByRole("complementary", { name: "taken" });
  await waitFor(() => expect(drawer.textContent).toContain("127.0.0.1:6700 is in use"));
});

test("what went beside the state of a core is told", async () => {
  const cause = { code: "core.exit_crashed", params: { text: "System.NotImplementedException" } };
  const notice = { code: "core.rolled_back", params: { failed: "v1.3", cause, version: "v1.2" } };
  const online = { state: "online", who: 1, for_s: 9, signer_problem: null } as const;
  await show({ status: node([account({ core: core(online, { notice }) })]) });
  expect(await screen.findByText(/crashed: System/)).toBeDefined();
});

test("why something of the menu was not done stands on its card until the state is another", async () => {
  const { platform } = await show({
    ...scenario("full"),
    answers: {
      set_account_enabled: () => {
        throw new CallFailed(null);
      },
    },
  });
  await userEvent.click(await screen.findByLabelText("What can be done with 值班助手"));
  await userEvent.click(await screen.findByText("Disable"));
  const card = screen.getByRole("region", { name: "值班助手" });
  expect(await within(card).findByText(/perpetua did not answer/)).toBeDefined();
  platform.become(node([account({ enabled: false })]));
  await waitFor(() => expect(screen.queryByText(/perpetua did not answer/)).toBeNull());
});
