import { act, screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import type { SettingsProblem } from "../../src/generated/schema";
import { CallFailed } from "../../src/platform";
import { FULL } from "../fixtures/full";
import { NOW } from "../fixtures/parts";
import { scenario, show } from "../render";

test("what was mended while nothing was followed is not shown for ever", async () => {
  let problems: SettingsProblem[] = [];
  const answers = { settings_read: () => ({ text: "", problems }) };
  const { platform } = await show({ ...scenario("full"), answers }, { path: "/settings" });
  await screen.findByText("Language");
  problems = [
    { line: 3, column: 1, path: "", message: { code: "config.name_rule", params: { most: 32 } } },
  ];
  act(() => platform.send({ event: "settings", problems }));
  expect(await screen.findByText(/line 3/i)).toBeDefined();
  // Mended unheard; then everything comes afresh.
  problems = [];
  act(() => platform.become(FULL));
  await waitFor(() => expect(screen.queryByText(/line 3/i)).toBeNull());
});

test("a call that failed before perpetua answered is made again when it does", async () => {
  let answers = false;
  const signer_list = () => {
    if (!answers) throw new CallFailed(null);
    return [];
  };
  const { platform } = await show(
    { ...scenario("full"), status: null, answers: { signer_list } },
    { path: "/welcome/signer?way=qq" },
  );
  const asked = () => platform.called.filter(({ name }) => name === "signer_list").length;
  await waitFor(() => expect(asked()).toBeGreaterThan(0));
  const before = asked();
  answers = true;
  act(() => {
    platform.stand({ state: "live" });
    platform.become(FULL);
  });
  await waitFor(() => expect(asked()).toBeGreaterThan(before));
});

test("values of the last time are dated, and nothing is said of now", async () => {
  const kept = { status: FULL, at: NOW - 60_000 };
  const made = { ...scenario("full"), status: null };
  await show(made, { cache: { read: () => kept, keep: () => undefined } });
  expect(await screen.findByText(/^Values are from/)).toBeDefined();
  expect(screen.queryByText(/clients connected/)).toBeNull();
  expect(screen.queryByText(/^Up /)).toBeNull();
});
