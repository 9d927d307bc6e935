import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { SHELL, shell } from "../fixtures/shell";
import { scenario, show } from "../render";

test("a taken port: what it is, and three ways, the likeliest first", async () => {
  const { platform } = await show(scenario("cannot-start"));
  expect(await screen.findByRole("heading", { name: "perpetua cannot start" })).toBeDefined();
  expect(screen.getByText(/is in use; end the program/)).toBeDefined();
  const ways = screen.getAllByRole("button").map((button) => button.textContent);
  expect(ways).toEqual([
    "Use another port",
    "Use the one that runs",
    "Try again",
    "Open the log folder",
    "English",
  ]);
  expect(document.activeElement?.textContent).toBe("perpetua cannot start");
  await userEvent.click(screen.getByText("Use another port"));
  expect(platform.called).toContainEqual({ name: "node_retry", params: { way: "other_port" } });
  expect(screen.queryByRole("navigation")).toBeNull();
});

test("broken settings: the file opens at the line", async () => {
  const { platform } = await show(scenario("broken-settings"));
  await userEvent.click(await screen.findByText("Open the settings at line 12"));
  expect(platform.called).toContainEqual({ name: "settings_open", params: { line: 12 } });
});

test("when it has started after all, the pages come", async () => {
  const { platform } = await show({ ...scenario("full"), shell: scenario("cannot-start").shell });
  await screen.findByRole("heading", { name: "perpetua cannot start" });
  platform.tell({ event: "status", status: SHELL });
  await waitFor(() => expect(screen.queryByText("perpetua cannot start")).toBeNull());
  expect(await screen.findByRole("heading", { level: 1, name: "Everything works" })).toBeDefined();
});

test("the end is shown while it goes on, and a page can be opened from outside", async () => {
  const { platform, history } = await show(scenario("full"));
  await screen.findByRole("heading", { level: 1 });
  platform.tell({ event: "navigate", path: "/settings/about" });
  await waitFor(() => expect(history.location.pathname).toBe("/settings/about"));
  platform.tell({ event: "quitting", clients: 5, cores: 1, seconds: 10, why: null });
  expect(await screen.findByText("Ending: telling 5 clients, stopping the cores")).toBeDefined();
});

test.each([
  [1, 0, "Ending: telling 1 client"],
  [1, 2, "Ending: telling 1 client, stopping the cores"],
  [0, 1, "Ending: stopping the cores"],
  [0, 0, "Ending"],
])("the end of %i clients and %i cores says only what is there", async (clients, cores, said) => {
  const { platform } = await show(scenario("full"));
  await screen.findByRole("heading", { level: 1 });
  platform.tell({ event: "quitting", clients, cores, seconds: 10, why: null });
  expect(await screen.findByText(said)).toBeDefined();
});

test("an end that nobody asked for says why", async () => {
  const { platform } = await show(scenario("full"));
  await screen.findByRole("heading", { level: 1 });
  const why = { code: "desktop.bus_gone" };
  platform.tell({ event: "quitting", clients: 0, cores: 0, seconds: 10, why });
  expect(await screen.findByText(/bus of the session has ended/u)).toBeDefined();
});

test("while it starts nothing is called lost, and once it runs the page does not wait", async () => {
  const starting = shell({ node: { state: "starting" } });
  const link = { state: "lost", attempt: 4, retryAt: Date.now() + 5000 } as const;
  const made = { ...scenario("full"), status: null, shell: starting, link };
  const { platform } = await show(made);
  expect(
    await screen.findByRole("heading", { level: 1, name: "perpetua is starting" }),
  ).toBeDefined();
  expect(screen.queryByText("Connection to perpetua lost; reconnecting")).toBeNull();
  platform.scenario.status = scenario("full").status;
  delete platform.scenario.link;
  platform.tell({ event: "status", status: SHELL });
  expect(await screen.findByRole("heading", { level: 1, name: "Everything works" })).toBeDefined();
});

test("a perpetua that answers and refuses says why in the banner", async () => {
  const problem = { code: "http.name_not_allowed", params: { host: "bot.example" } };
  const link = { state: "lost", attempt: 4, retryAt: Date.now() + 5000, problem } as const;
  await show({ ...scenario("disconnected"), link });
  expect(await screen.findByText(/may not be called by this name/u)).toBeDefined();
});
