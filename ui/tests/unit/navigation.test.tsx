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
  await userEvent.click(within(nav).getByText("Settings"));
  expect(history.location.pathname).toBe("/settings");
});

test.each(["/core", "/signers"])(
  "without an account that needs a core the settings are marked at %s, which they lead to",
  async (path) => {
    await show(scenario("first-run-simulator"), { path });
    const nav = within(await screen.findByRole("navigation", { name: "Pages" }));
    const current = () =>
      nav.getAllByRole("link").filter((link) => link.getAttribute("aria-current") === "page");
    await waitFor(() => expect(current().map((link) => link.textContent)).toEqual(["Settings"]));
  },
);

test.each(["/core", "/signers"])("with one, %s has a place of its own", async (path) => {
  await show(scenario("full"), { path });
  const nav = within(await screen.findByRole("navigation", { name: "Pages" }));
  const current = () =>
    nav.getAllByRole("link", { current: "page" }).map((link) => link.textContent);
  await waitFor(() => expect(current()).not.toContain("Settings"));
});

test("in a browser a digit belongs to its tabs, and no list of keys says otherwise", async () => {
  const { shell: _, ...inBrowser } = scenario("full");
  const { history } = await show(inBrowser);
  await screen.findByRole("navigation");
  await userEvent.keyboard("{Control>}2{/Control}");
  expect(history.location.pathname).toBe("/");
  await userEvent.keyboard("?");
  const keys = within(await screen.findByRole("dialog", { name: "Keys" }));
  expect(keys.queryByText("2")).toBeNull();
  expect(keys.getByText("K")).toBeDefined();
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
