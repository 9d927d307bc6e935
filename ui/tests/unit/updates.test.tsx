import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { NewerVersion } from "../../src/generated/schema";
import type { UpdateStage, UpdateStatus } from "../../src/generated/shell";
import { SHELL, shell } from "../fixtures/shell";
import { calls } from "../pages";
import { scenario, show } from "../render";

const NEWER: NewerVersion = {
  version: "0.2.0",
  notes: "- A new page",
  page: "https://host.example/v0.2.0",
};

function inWindow(stage: UpdateStage, differs: Partial<UpdateStatus> = {}) {
  const update = { ...SHELL.update, stage, ...differs };
  return { ...scenario("full"), shell: shell({ update }) };
}

const at = { path: "/settings/updates" };

test("a window says how it stands, and asks at once when it is told to", async () => {
  const { platform } = await show(inWindow({ is: "newest" }), at);
  expect(await screen.findByText("There is no newer version")).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "Check now" }));
  expect(calls(platform, "update_look")).toHaveLength(1);
});

test("a version that is out can be downloaded, and its download called off", async () => {
  const { platform, unmount } = await show(inWindow({ is: "out", newer: NEWER }), at);
  await userEvent.click(await screen.findByRole("button", { name: "Download" }));
  expect(calls(platform, "update_download")).toHaveLength(1);
  expect(screen.getByText("- A new page")).toBeDefined();
  unmount();

  const loading = {
    is: "downloading",
    newer: NEWER,
    received: 12_000_000,
    total: 80_000_000,
    rate: 900_000,
  } as const;
  const second = await show(inWindow(loading), at);
  expect(await screen.findByText("12 MB / 80 MB")).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  expect(calls(second.platform, "update_cancel")).toHaveLength(1);
});

test("a version that is ready is installed after a second click, and the sidebar leads to it", async () => {
  const { platform } = await show(inWindow({ is: "ready", newer: NEWER }), at);
  expect(await screen.findByRole("link", { name: "Restart to update" })).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "Install now" }));
  const asked = await screen.findByRole("dialog");
  expect(calls(platform, "update_install")).toEqual([]);
  await userEvent.click(within(asked).getByRole("button", { name: "Restart" }));
  expect(calls(platform, "update_install")).toHaveLength(1);
});

test("what a person has to install has its reason and its place, and no button", async () => {
  const hand = { by_hand: { code: "update.by_package" } };
  await show(inWindow({ is: "out", newer: NEWER }, hand), at);
  expect(await screen.findByText(/package manager/)).toBeDefined();
  expect(screen.getByText("https://host.example/v0.2.0")).toBeDefined();
  expect(screen.queryByRole("button", { name: "Download" })).toBeNull();
  expect(screen.getByRole("switch", { name: "Look for newer versions" })).toBeDefined();
});

test("what went wrong is said: nobody answered, and a version that was put back", async () => {
  const problem = { code: "update.nobody_answered", params: { problems: "x" } };
  const cause = { code: "update.ended_early" };
  const undone = { code: "update.put_back", params: { version: "0.2.0", cause } };
  await show(inWindow({ is: "unknown" }, { problem, undone }), at);
  expect(await screen.findByText(/could not be found out/)).toBeDefined();
  expect(screen.getByText(/did not start/)).toBeDefined();
});

test("a browser is told that there is a newer version and how it comes, and can ask", async () => {
  const made = scenario("full");
  const { shell: _, ...browser } = made;
  if (!made.status) throw new Error("it has a status");
  const update = { asked_ms: 1, newer: NEWER, problem: null };
  const { platform } = await show(
    {
      ...browser,
      status: { ...made.status, update },
      answers: { ...made.answers, update_check: () => update },
    },
    at,
  );
  expect(await screen.findByText(/Update the package or the image/)).toBeDefined();
  expect(screen.queryByText(/Not looked for yet|no newer version/)).toBeNull();
  expect(screen.getByRole("link", { name: "Version 0.2.0 is out" })).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "Check now" }));
  expect(calls(platform, "update_check")).toHaveLength(1);
});

test("looking for newer versions is switched off, and the channel changed", async () => {
  const { platform } = await show(inWindow({ is: "newest" }), at);
  await userEvent.click(await screen.findByRole("switch", { name: "Keep perpetua up to date" }));
  expect(
    await screen.findByText(/Saved: looks for newer versions only when you ask/),
  ).toBeDefined();
  await userEvent.click(screen.getByText("Preview"));
  expect(await screen.findByText(/Saved: channel “Preview”/)).toBeDefined();
  expect(calls(platform, "preferences_edit")).toEqual([
    { update_check: false },
    { update_channel: "beta" },
  ]);
});

afterEach(() => vi.unstubAllGlobals());

test("About names the build, and a licence that was not shipped says where it is", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("nothing there")));
  await show(scenario("full"), { path: "/settings/about" });
  expect(await screen.findByText("6e6385a91")).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "Read: Licence" }));
  expect(await screen.findByText(/not part of this build/)).toBeDefined();
});
