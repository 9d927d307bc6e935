import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import type { SessionStatus, SignInRefused } from "../../src/generated/schema";
import { CallFailed } from "../../src/platform";
import type { Cache } from "../../src/store/cache";
import { calls } from "../pages";
import { scenario, show } from "../render";

const OUT: SessionStatus = { signed_in: false, locked_s: null };
const FULL_DISK = new CallFailed({
  code: "internal",
  message: { code: "io.disk_full", params: {} },
});

beforeAll(() => {
  // The test's page has no top layer.
  HTMLDialogElement.prototype.showModal = function (this: HTMLDialogElement) {
    this.open = true;
  };
});

afterEach(() => {
  history.replaceState(null, "", "/");
  vi.restoreAllMocks();
});

/** A browser in which nobody is signed in. */
function out(refused?: SignInRefused | null, status = OUT) {
  const signIn = refused === undefined ? { status } : { status, refused };
  return { ...scenario("sign-in"), signIn };
}

async function type(token: string): Promise<void> {
  await userEvent.type(await screen.findByLabelText("Token"), token);
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
}

test("nothing of perpetua is asked for or shown before somebody has signed in", async () => {
  const kept: string[] = [];
  const cache: Cache = { read: () => null, keep: () => void kept.push("snapshot") };
  const { platform, forgotten } = await show(out(null), { cache });
  expect(await screen.findByRole("heading", { level: 1, name: "Sign in" })).toBeDefined();
  expect(screen.queryByRole("navigation")).toBeNull();
  expect(document.body.textContent).toContain("perpetuad ui");
  expect(document.body.textContent).not.toMatch(/main|koishi|0\.1\.0/);
  expect(platform.called).toEqual([]);
  expect(kept).toEqual([]);
  expect(forgotten.times).toBe(1);
  await type(" s3cret ");
  expect(calls(platform, "sign_in")).toEqual([{ token: "s3cret" }]);
  expect(await screen.findByRole("navigation")).toBeDefined();
});

test("a wrong token says how many tries are left, and a lock how long it lasts", async () => {
  const { platform } = await show(out({ reason: "wrong_token", left: 1 }));
  await userEvent.click(await screen.findByRole("button", { name: "Sign in" }));
  expect(await screen.findByText("Enter the token.")).toBeDefined();
  expect(platform.called).toEqual([]);
  await type("guess");
  expect(await screen.findByText("That is not the token; 1 try left")).toBeDefined();
  expect(screen.getByLabelText("Token").getAttribute("aria-invalid")).toBe("true");
  if (platform.scenario.signIn) {
    platform.scenario.signIn.refused = { reason: "locked", seconds: 30 };
  }
  await type("guess");
  expect(
    await screen.findByText(/The right one still signs you in; .* for (30|29) s/),
  ).toBeDefined();
  const button = screen.getByRole("button", { name: "Sign in" });
  expect(button.hasAttribute("disabled"), "what is right is let in").toBe(false);
});

test("a page of an address that is locked says so at once", async () => {
  await show(out(undefined, { signed_in: false, locked_s: 20 }));
  expect(await screen.findByText(/not looked at for (20|19) s/)).toBeDefined();
});

test("a link lets in, and nothing of it stays in the address", async () => {
  history.replaceState(null, "", "/signin#code=c0de");
  const { platform } = await show(out(null));
  expect(calls(platform, "sign_in")).toEqual([{ code: "c0de" }]);
  expect(`${location.pathname}${location.hash}`).toBe("/");
  expect(await screen.findByRole("navigation")).toBeDefined();
  expect(screen.queryByLabelText("Token")).toBeNull();
});

test.each([
  ["code_used", "This link has been used already; each link works once."],
  ["code_late", "This link has expired."],
  ["code_unknown", "This link does not work; perhaps a part of it was not copied."],
] as const)("a link that does not let in says why: %s", async (reason, said) => {
  history.replaceState(null, "", "/signin#code=c0de");
  await show(out({ reason }));
  expect(await screen.findByText(said)).toBeDefined();
  expect(screen.getByLabelText("Token")).toBeDefined();
  expect(location.hash).toBe("");
});

test("a used link is no matter for somebody who is signed in already", async () => {
  history.replaceState(null, "", "/signin#code=c0de");
  await show(out({ reason: "code_used" }, { signed_in: true, locked_s: null }));
  expect(await screen.findByRole("navigation")).toBeDefined();
  expect(screen.queryByLabelText("Token")).toBeNull();
});

test("perpetua that does not answer a sign-in is said, and the token stays typed", async () => {
  await show(out());
  await type("s3cret");
  expect(await screen.findByText(/perpetua did not answer/)).toBeDefined();
  expect((screen.getByLabelText("Token") as HTMLInputElement).value).toBe("s3cret");
});

test("a link that perpetua does not answer is kept, and lets in when it does", async () => {
  history.replaceState(null, "", "/signin#code=c0de");
  const { platform } = await show(out());
  expect(await screen.findByText(/not known whether this link still works/)).toBeDefined();
  expect(location.hash, "nobody finds it in the history").toBe("");
  const again = screen.getByRole("button", { name: "Try again" });
  await userEvent.click(again);
  expect(await screen.findByText(/not known whether this link still works/)).toBeDefined();
  if (platform.scenario.signIn) platform.scenario.signIn.refused = null;
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("navigation")).toBeDefined();
  expect(calls(platform, "sign_in")).toEqual(Array(3).fill({ code: "c0de" }));
});

test("a link whose answer was lost on the way has let in all the same", async () => {
  history.replaceState(null, "", "/signin#code=c0de");
  const { platform } = await show(out());
  const again = await screen.findByRole("button", { name: "Try again" });
  if (platform.scenario.signIn) {
    platform.scenario.signIn.refused = { reason: "code_used" };
    platform.scenario.signIn.status = { signed_in: true, locked_s: null };
  }
  await userEvent.click(again);
  expect(await screen.findByRole("navigation")).toBeDefined();
});

test("a session that somebody has ended takes its pages along, and nothing is kept", async () => {
  const order: string[] = [];
  const { platform } = await show(
    { ...out(null, { signed_in: true, locked_s: null }), path: "/chat" },
    {
      cache: { read: () => null, keep: () => void order.push("kept") },
      forgets: () => void order.push("forgotten"),
    },
  );
  const heading = await screen.findByRole("heading", { level: 1 });
  // It waits for the next picture.
  if (platform.scenario.status) platform.become({ ...platform.scenario.status, uptime_s: 12345 });
  platform.bring("signed_out");
  expect(await screen.findByText("You have been signed out here. Sign in again.")).toBeDefined();
  expect(heading.isConnected, "nobody finds it in the page either").toBe(false);
  expect(platform.followers).toBe(0);
  expect(order).toContain("kept");
  expect(order.at(-1)).toBe("forgotten");
});

test("a session that expires leaves what was typed, and nothing is followed until the next", async () => {
  const made = { ...out(null, { signed_in: true, locked_s: null }), path: "/chat" };
  const { platform, forgotten } = await show(made);
  const heading = await screen.findByRole("heading", { level: 1 });
  platform.bring("expired");
  expect(await screen.findByText(/Your sign-in has expired/)).toBeDefined();
  expect(heading.isConnected, "what was open is still there").toBe(true);
  expect(forgotten.times).toBe(1);
  expect(platform.followers, "nothing is followed meanwhile").toBe(0);
  await type("s3cret");
  await waitFor(() => expect(screen.queryByLabelText("Token")).toBeNull());
  expect(heading.isConnected).toBe(true);
});

test("signing out ends the session and drops what the browser kept, what waits included", async () => {
  const left = vi.spyOn(location, "assign").mockImplementation(() => undefined);
  const order: string[] = [];
  const cache: Cache = { read: () => null, keep: () => void order.push("kept") };
  const { platform, forgotten } = await show(scenario("signed-in"), {
    cache,
    forgets: () => void order.push("forgotten"),
  });
  await screen.findByRole("navigation");
  const { browser } = platform;
  const end = browser?.signOut;
  if (!browser || !end) throw new Error("there is no way out");
  browser.signOut = async () => {
    await end();
    // It comes while the call is answered, and waits for the next picture.
    if (platform.scenario.status) platform.become({ ...platform.scenario.status, uptime_s: 12345 });
  };
  await userEvent.click(await screen.findByRole("button", { name: "Sign out" }));
  await waitFor(() => expect(left).toHaveBeenCalledWith("/"));
  expect(calls(platform, "sign_out")).toHaveLength(1);
  expect(forgotten.times).toBe(1);
  expect(order.at(-1)).toBe("forgotten");
  expect(screen.queryByRole("navigation"), "nothing stays in the page").toBeNull();
});

for (const order of ["before the answer", "after the answer"] as const) {
  test(`a session that could not be ended for good is told, and ended again: it is over ${order}`, async () => {
    const left = vi.spyOn(location, "assign").mockImplementation(() => undefined);
    const { platform } = await show(scenario("signed-in"));
    await screen.findByRole("navigation");
    const { browser } = platform;
    const end = browser?.signOut;
    if (!browser || !end) throw new Error("there is no way out");
    let fails = true;
    browser.signOut = async () => {
      if (!fails) return await end();
      if (order === "before the answer") platform.bring("signed_out");
      throw FULL_DISK;
    };
    await userEvent.click(await screen.findByRole("button", { name: "Sign out" }));
    if (order === "after the answer") {
      await screen.findByText(/disk is full/i);
      platform.bring("signed_out");
    }
    await screen.findByLabelText("Token");
    expect(screen.getByText(/may be signed in again/)).toBeDefined();
    expect(screen.getByText(/disk is full/i), "why").toBeDefined();
    expect(screen.queryByText(/You have been signed out here/)).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Sign out again" }));
    const again = await screen.findByRole("button", { name: "Sign out again" });
    await waitFor(() => expect(again).toHaveProperty("disabled", false));
    expect(left, "it failed again").not.toHaveBeenCalled();
    fails = false;
    await userEvent.click(again);
    await waitFor(() => expect(left).toHaveBeenCalledWith("/"));
    expect(screen.queryByText(/may be signed in again/)).toBeNull();
  });
}

test("what a failed way out has said is gone when somebody signs in", async () => {
  const { platform } = await show(scenario("signed-in"));
  await screen.findByRole("navigation");
  const { browser } = platform;
  if (!browser) throw new Error("there is no browser");
  browser.signOut = () => {
    platform.bring("signed_out");
    return Promise.reject(FULL_DISK);
  };
  await userEvent.click(await screen.findByRole("button", { name: "Sign out" }));
  await screen.findByText(/may be signed in again/);
  if (platform.scenario.signIn) platform.scenario.signIn.refused = null;
  await type("s3cret");
  await screen.findByRole("navigation");
  platform.bring("signed_out");
  await screen.findByLabelText("Token");
  expect(screen.queryByText(/may be signed in again/)).toBeNull();
});

test("a page of another version says so and loads anew, once", async () => {
  sessionStorage.clear();
  const reloaded = vi.spyOn(location, "reload").mockImplementation(() => undefined);
  const { platform } = await show(scenario("signed-in"));
  await screen.findByRole("navigation");
  platform.bring("outdated");
  expect(await screen.findByText("perpetua has been updated; the page reloads")).toBeDefined();
  await waitFor(() => expect(reloaded).toHaveBeenCalledTimes(1), { timeout: 5000 });
});

test("a lock counts down by what has passed, whichever way the system's time is turned meanwhile", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  try {
    await show(out(undefined, { signed_in: false, locked_s: 20 }));
    expect(await screen.findByText(/not looked at for (20|19) s/)).toBeDefined();
    for (const turned of [3_600_000, -3_600_000]) {
      vi.setSystemTime(Date.now() + turned);
      await act(() => vi.advanceTimersByTimeAsync(2000));
      expect(screen.getByText(/not looked at for 1\d s/)).toBeDefined();
    }
    await act(() => vi.advanceTimersByTimeAsync(20_000));
    expect(screen.queryByText(/not looked at for/)).toBeNull();
  } finally {
    vi.useRealTimers();
  }
});

test("what somebody has open is not taken away by a new version: they choose", async () => {
  sessionStorage.clear();
  const reloaded = vi.spyOn(location, "reload").mockImplementation(() => undefined);
  const { platform } = await show({ ...scenario("signed-in"), path: "/clients?add=true" });
  const dialog = await screen.findByRole("dialog");
  platform.bring("outdated");
  expect(await screen.findByText(/drops what you have typed here/)).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "Later" }));
  expect(screen.queryByText(/drops what you have typed here/)).toBeNull();
  expect(dialog.isConnected).toBe(true);
  expect(platform.followers, "the page goes on").toBe(1);
  platform.bring("outdated");
  expect(screen.queryByText(/perpetua has been updated/), "they have chosen").toBeNull();
  expect(reloaded).not.toHaveBeenCalled();
});

test("a field that asks to be kept is kept, and a button loads the page anew", async () => {
  sessionStorage.clear();
  const reloaded = vi.spyOn(location, "reload").mockImplementation(() => undefined);
  const { platform } = await show(scenario("signed-in"));
  await screen.findByRole("navigation");
  const keep = (event: Event) => event.preventDefault();
  window.addEventListener("beforeunload", keep);
  platform.bring("outdated");
  window.removeEventListener("beforeunload", keep);
  await userEvent.click(await screen.findByRole("button", { name: "Reload the page" }));
  expect(reloaded).toHaveBeenCalledTimes(1);
});

test("a browser that keeps nothing goes on with the page as it is", async () => {
  vi.spyOn(Storage.prototype, "getItem").mockImplementation(() => {
    throw new DOMException("denied", "SecurityError");
  });
  const { platform } = await show(scenario("signed-in"));
  await screen.findByRole("navigation");
  platform.bring("outdated");
  expect(screen.queryByText(/perpetua has been updated/)).toBeNull();
  expect(screen.getByRole("navigation")).toBeDefined();
});
