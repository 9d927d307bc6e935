/** A client that calls over HTTP, on the page of clients. */
import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { config, obedient, waiting } from "../fixtures/clients";
import { account, node } from "../fixtures/parts";
import { drawer } from "../pages";
import { scenario, show } from "../render";

const LISTEN = "127.0.0.1:5701";

const page = (called_ms: number | null, tab = "connect") =>
  show(
    {
      ...scenario("clients-full"),
      status: node([
        account({
          clients: [waiting({ name: "script", kind: "http", listen: LISTEN, called_ms })],
        }),
      ]),
      answers: {
        ...obedient(),
        client_settings: () =>
          config({ client: "script", kind: "http", listen: LISTEN, max_connections: 256 }),
      },
    },
    { path: `/clients/main/script?tab=${tab}` },
  );

test("its row says what it is and that nobody has called yet", async () => {
  await page(null);
  const row = (await screen.findByRole("link", { name: "script" })).closest("tr");
  expect(row?.textContent).toContain("Not called yet");
  expect(row?.textContent).toContain("HTTP");
  expect(row?.textContent).toContain(LISTEN);
  const open = within(await drawer("script"));
  expect(await open.findByText(`Nobody has called http://${LISTEN} yet`)).toBeDefined();
  expect(open.queryByText(/connected” once it has come/)).toBeNull();
});

test("after a call it is in use, with the time of the last one", async () => {
  await page(Date.now() - 120_000);
  const row = (await screen.findByRole("link", { name: "script" })).closest("tr");
  expect(row?.textContent).toContain("In use");
  const open = within(await drawer("script"));
  expect(await open.findByText(/A program calls; last 2 min/)).toBeDefined();
});

test("its settings have a port and how many may call at once", async () => {
  await page(null, "settings");
  const open = within(await drawer("script"));
  expect(await open.findByDisplayValue(LISTEN)).toBeDefined();
  expect(await open.findByDisplayValue("256")).toBeDefined();
});
