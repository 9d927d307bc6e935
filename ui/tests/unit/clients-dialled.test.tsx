/** A client whose framework is dialled, on the page of clients. */
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { ClientConfig, ClientEdit } from "../../src/generated/schema";
import { config, obedient, waiting } from "../fixtures/clients";
import { account, NOW, node } from "../fixtures/parts";
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
