/** A client whose framework is dialled, on the page of clients. */
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { ClientConfig, ClientEdit, TargetStatus } from "../../src/generated/schema";
import { clientStanding } from "../../src/state/client";
import { config, obedient, waiting } from "../fixtures/clients";
import { account, client, connection, NOW, node } from "../fixtures/parts";
import { calls, drawer } from "../pages";
import { scenario, show } from "../render";

const URL = "ws://127.0.0.1:6199/ws";

const ASTRBOT = waiting({
  name: "astrbot",
  kind: "reverse",
  listen: null,
  targets: [
    {
      address: URL,
      state: "refused",
      since_ms: NOW,
      retry_in_s: 30,
      failures: 5,
      problem: { code: "dial.refused", params: { status: 403 } },
      posts: null,
    },
  ],
});

const page = (tab: string) => {
  const settings: ClientConfig = config({
    client: "astrbot",
    kind: "reverse",
    listen: null,
    url: URL,
    roles: "universal",
    max_connections: 1,
  });
  return show(
    {
      ...scenario("clients-full"),
      status: node([account({ clients: [ASTRBOT] })]),
      answers: { ...obedient(), client_settings: () => settings },
    },
    { path: `/clients/main/astrbot?tab=${tab}` },
  );
};

test("its row has its kind and where it is dialled", async () => {
  await page("connect");
  const row = (await screen.findByRole("link", { name: "astrbot" })).closest("tr");
  expect(row?.textContent).toContain("Turned down");
  expect(row?.textContent).toContain("Reverse WS");
  expect(row?.textContent).toContain(URL);
});

test("its lines stand beside why it is not connected, and its token is not ours to make", async () => {
  await page("connect");
  const open = within(await drawer("astrbot"));
  expect(await open.findByText(`perpetua connects to ${URL} by itself`)).toBeDefined();
  expect(open.getByText(/HTTP status 403/)).toBeDefined();
  expect(open.queryByRole("button", { name: "New token" })).toBeNull();
});

test("its address is changed in its settings, which have no port and one connection", async () => {
  const { platform } = await page("settings");
  const open = within(await drawer("astrbot"));
  const field = await open.findByDisplayValue(URL);
  expect(open.queryByText("Connections at once")).toBeNull();
  await userEvent.clear(field);
  await userEvent.type(field, "ws://127.0.0.1:6200/ws{Enter}");
  const change = { url: "ws://127.0.0.1:6200/ws" };
  const made = calls<ClientEdit>(platform, "client_edit")[0];
  expect(made).toMatchObject({ client: "astrbot", change, instead_of: { url: URL } });
});

const [GOOD, BAD] = ["ws://127.0.0.1:6199/ws", "ws://127.0.0.1:6299/ws"];

const target = (differs: Partial<TargetStatus> = {}): TargetStatus => ({
  address: GOOD,
  state: "open",
  since_ms: NOW,
  retry_in_s: null,
  failures: 0,
  problem: null,
  posts: null,
  ...differs,
});

const REFUSED: Partial<TargetStatus> = {
  address: BAD,
  state: "refused",
  retry_in_s: 30,
  failures: 5,
  problem: { code: "dial.refused", params: { status: 403 } },
};

const bots = (second: Partial<TargetStatus>, connections = [connection()]) =>
  client({
    name: "bots",
    kind: "reverse",
    listen: null,
    connections,
    targets: [target(), target({ address: BAD, ...second })],
  });

const severalPage = (tab: string) => {
  const settings = config({
    client: "bots",
    kind: "reverse",
    listen: null,
    urls: [GOOD, BAD],
    roles: "split",
    max_connections: 4,
  });
  return show(
    {
      ...scenario("clients-full"),
      status: node([account({ clients: [bots(REFUSED)] })]),
      answers: { ...obedient(), client_settings: () => settings },
    },
    { path: `/clients/main/bots?tab=${tab}` },
  );
};

test("of several addresses the one in need is told, unless others make up for it", () => {
  const of = { account: "main", online: true };
  const said = (second: Partial<TargetStatus>, connections = [connection()]) => {
    const { tone, word, sentence } = clientStanding(bots(second, connections), of, NOW);
    return [tone, word.code, sentence?.params?.["address"]];
  };
  const away = { state: "waiting", problem: { code: "dial.unreachable" } } as const;
  const unstarted = { state: "waiting", problem: { code: "dial.nobody_here" } } as const;
  const awaits = { state: "dialling", problem: { code: "dial.awaits_api" } } as const;
  expect(said({})).toEqual(["ok", "state.connected", undefined]);
  expect(said(REFUSED)).toEqual(["bad", "state.framework_refused", BAD]);
  expect(said(away)).toEqual(["you", "state.unreachable", BAD]);
  expect(said(unstarted)).toEqual(["ok", "state.connected", undefined]);
  expect(said(awaits)).toEqual(["ok", "state.connected", undefined]);
  expect(said(REFUSED, [])).toEqual(["bad", "state.framework_refused", BAD]);
});

test("each of several addresses stands with its state, its cause and its next attempt", async () => {
  await severalPage("connect");
  const row = (await screen.findByRole("link", { name: "bots" })).closest("tr");
  expect(row?.textContent).toContain(`${GOOD} +1`);
  const open = within(await drawer("bots"));
  const list = within(await open.findByRole("region", { name: "Addresses" }));
  const [good, bad] = list.getAllByRole("listitem");
  expect(good?.textContent).toBe(`${GOOD}Connected`);
  expect(bad?.textContent).toContain(`${BAD}Turned down`);
  expect(bad?.textContent).toContain("HTTP status 403");
  expect(bad?.textContent).toContain("next attempt in 30 s");
});

test("several addresses are shown where they are changed, and the connections to each are chosen", async () => {
  const { platform } = await severalPage("settings");
  const open = within(await drawer("bots"));
  expect(await open.findByText("The frameworks' addresses")).toBeDefined();
  const shown = open.getAllByRole("listitem").map((one) => one.textContent);
  expect(shown).toEqual([GOOD, BAD]);
  expect(open.getByText(/perpetua.toml/)).toBeDefined();
  expect(open.queryByDisplayValue(GOOD)).toBeNull();
  expect(open.queryByText("Connections at once")).toBeNull();
  await userEvent.click(open.getByRole("radio", { name: "One" }));
  const made = calls<ClientEdit>(platform, "client_edit")[0];
  const change = { roles: "universal" };
  expect(made).toMatchObject({ client: "bots", change, instead_of: { roles: "split" } });
});

test("what cannot be added again as it was is not offered", async () => {
  await severalPage("connect");
  const open = within(await drawer("bots"));
  await userEvent.click(await open.findByRole("button", { name: "Remove" }));
  await userEvent.click(await screen.findByRole("button", { name: /Remove bots/ }));
  expect(await screen.findByText(/removed/)).toBeDefined();
  expect(screen.queryByRole("button", { name: "Undo" })).toBeNull();
});
