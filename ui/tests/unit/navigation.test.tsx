import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { DOWNLOADING } from "../fixtures/first-run";
import { scenario, show } from "../render";

test("the navigation shows the pages that exist, and opens them by click and by key", async () => {
  const { history } = await show(scenario("full"));
  const nav = await screen.findByRole("navigation");
  const links = within(nav).getAllByRole("link");
  expect(links.map((link) => link.textContent)).toEqual([
    "Overview",
    "Clients",
    "Chat",
    "Core",
    "Signers",
    "Settings",
    "More",
  ]);

  await userEvent.click(within(nav).getByText("Settings"));
  expect(history.location.pathname).toMatch(/^\/settings/);
  await userEvent.keyboard("{Control>}2{/Control}");
  expect(history.location.pathname).toBe("/clients");
});

test("without an account that needs a core there is no page for cores, and nothing to share a tab", async () => {
  const { history } = await show(scenario("first-run-simulator"), { path: "/clients" });
  const nav = await screen.findByRole("navigation");
  await waitFor(() => {
    const links = within(nav).getAllByRole("link");
    const names = links.map((link) => link.textContent);
    expect(names).toEqual(["Overview", "Clients", "Chat", "Settings"]);
  });
  await userEvent.keyboard("{Control>}4{/Control}");
  expect(history.location.pathname).toBe("/settings");
});

test("a dot says that there is something about cores", async () => {
  const { platform } = await show(scenario("core-available"), { path: "/" });
  const nav = await screen.findByRole("navigation");
  const link = await within(nav).findByRole("link", { name: /^Core/ });
  expect(await within(link).findByText("A newer core can be installed")).toBeDefined();
  platform.send({ event: "core_job", job: DOWNLOADING });
  expect(await within(link).findByText("A core is being installed")).toBeDefined();
});

test("on a phone the rest shares a page", async () => {
  const { history } = await show(scenario("full"), { path: "/more" });
  const main = within(await screen.findByRole("main"));
  await userEvent.click(await main.findByRole("link", { name: "Signers" }));
  expect(history.location.pathname).toBe("/signers");
});

test("accounts that need somebody are counted on the overview's link", async () => {
  await show(scenario("attention"));
  const nav = await screen.findByRole("navigation");
  expect(await within(nav).findByText("2 accounts need you")).toBeDefined();
});

test("an address that leads nowhere says so, and the way back is there", async () => {
  const { history } = await show(scenario("full"), { path: "/nowhere" });
  await userEvent.click(await screen.findByText("Go to the overview"));
  expect(history.location.pathname).toBe("/");
});
