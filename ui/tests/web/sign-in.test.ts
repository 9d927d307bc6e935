/** The way into the pages that a real node serves, in a real browser. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inside, owner, say, tabOf, tabTo, visit, withBrowser } from "./browser";
import { Node } from "./node";

let node: Node;

withBrowser();

beforeAll(async () => {
  node = await Node.start();
});

afterAll(() => node?.close());

const signInTitle = (on: Page) => on.getByRole("heading", { name: "Sign in" });

async function byToken(on: Page, token: string): Promise<void> {
  await on.getByLabel("Token").fill(token);
  await on.getByRole("button", { name: "Sign in" }).click();
}

test("a link signs in once, leaves nothing in the address, and the session lasts", async () => {
  const { link } = await node.ui();
  const first = await visit();
  await first.goto(link);
  await inside(first).waitFor();
  expect(first.url()).toBe(`${node.address}/`);
  expect(first.errors).toEqual([]);
  const [cookie] = await first.context().cookies();
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict", secure: false });
  await first.goto(`${node.address}/clients`);
  await inside(first).waitFor();
  const second = await visit();
  await second.goto(link);
  await second.getByText("This link has been used already").waitFor();
  expect(await inside(second).count()).toBe(0);
});

test("without a token nothing of the node is shown, whatever address is opened", async () => {
  for (const path of [
    "/",
    "/clients",
    "/accounts/main",
    "/signin",
    "/signin#code=mistyped",
    "/no",
  ]) {
    const stranger = await visit();
    await stranger.goto(`${node.address}${path}`);
    await signInTitle(stranger).waitFor();
    const text = await stranger.evaluate(() => document.body.textContent ?? "");
    expect(text, path).not.toMatch(/main|simulator|0\.1\.0/);
    expect(stranger.errors, path).toEqual([]);
    await stranger.context().close();
  }
});

test("a wrong token counts down to a lock, and the right one is let in all the same", async () => {
  const { token } = await node.ui();
  const guesser = await visit();
  await guesser.goto(node.address);
  await byToken(guesser, "guess");
  await guesser
    .getByText(/(tries|try) left/)
    .first()
    .waitFor();
  for (let more = 0; more < 5; more += 1) await byToken(guesser, `guess ${more}`);
  await guesser.getByText(/Too many wrong tokens from your IP address.*for \d+ s/).waitFor();
  await guesser.reload();
  await guesser.getByText(/Too many wrong tokens/).waitFor();
  await byToken(guesser, token);
  await inside(guesser).waitFor();
  // The owner is told where they look first.
  await guesser
    .getByText(/tried to sign in with a wrong token/)
    .first()
    .waitFor();
});

test("a page of another origin can neither call nor follow with the owner's cookie", async () => {
  const page = await owner(node);
  const [cookie] = await page.context().cookies();
  const shown = `${cookie?.name}=${cookie?.value}`;
  for (const [path, method] of [
    ["/rpc/status", "POST"],
    ["/session", "DELETE"],
    ["/rpc/events", "GET"],
  ] as const) {
    const response = await fetch(`${node.address}${path}`, {
      method,
      headers: { Cookie: shown, Origin: "http://localhost:3000" },
    });
    expect(response.status, path).toBe(403);
  }
  await page.reload();
  await inside(page).waitFor();
});

test("a cookie that is a session no more leads to the sign-in and keeps the address", async () => {
  const { link, token } = await node.ui();
  const page = await visit();
  await page.goto(link);
  await inside(page).waitFor();
  await page.goto(`${node.address}/clients`);
  await inside(page).waitFor();
  await node.ui("--new-token");
  await page.getByText("You have been signed out here").waitFor();
  expect(page.url()).toBe(`${node.address}/clients`);
  await byToken(page, token);
  await page.getByText(/That is not the token/).waitFor();
  await byToken(page, (await node.ui()).token);
  await page.getByText("You have been signed out here").waitFor({ state: "detached" });
  expect(page.url()).toBe(`${node.address}/clients`);
});

test("a node that is started again is found by the page, which stays signed in", async () => {
  const page = await owner(node);
  await node.stop();
  await page.getByText("Connection to perpetua lost; reconnecting").waitFor();
  await page.getByText(/Values are from/).waitFor();
  await node.again();
  await page.getByText("Connection to perpetua lost; reconnecting").waitFor({ state: "detached" });
  expect(await signInTitle(page).count()).toBe(0);
  expect(page.errors).toEqual([]);
});

test("two browsers at once: one signs out, the other stays", async () => {
  const [one, other] = [await owner(node), await owner(node)];
  const tab = await tabOf(one);
  await tab.goto(node.address);
  await inside(tab).waitFor();
  await one.getByRole("button", { name: "Sign out" }).click();
  await signInTitle(one).waitFor();
  await tab.getByText("You have been signed out here").waitFor();
  await other.reload();
  await inside(other).waitFor();
});

test("a session that has ended by its time leads to the sign-in", async () => {
  const page = await owner(node);
  await node.stop();
  node.expireSessions();
  await node.again();
  await page.getByText(say("sign_in.over")).waitFor();
  await page.reload();
  await signInTitle(page).waitFor();
  expect(await page.getByText(say("sign_in.over")).count()).toBe(0);
});

test("the sign-in needs no mouse", async () => {
  const { token } = await node.ui();
  const page = await visit();
  await page.goto(node.address);
  await signInTitle(page).waitFor();
  // The field has the focus: a password manager, or a paste and Enter, is all that it takes.
  await page.keyboard.insertText("wrong");
  await page.keyboard.press("Enter");
  await page.getByText(/That is not the token/).waitFor();
  await tabTo(page, page.getByRole("button", { name: say("app.reveal") }));
  await tabTo(page, page.getByRole("button", { name: say("sign_in.copy_command") }));
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  await tabTo(page, page.getByLabel("Token", { exact: true }));
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(token);
  await page.keyboard.press("Enter");
  await inside(page).waitFor();
});
