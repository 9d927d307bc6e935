/** Pages of another build than the node's, and pages that come over a slow line. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { inside, isWhole, owner, say, sees, type Visit, visit, withBrowser } from "./browser";
import { Node } from "./node";

let node: Node;

withBrowser();

beforeAll(async () => {
  node = await Node.start();
});

afterAll(() => node?.close());

/** What the page asks for by itself comes as from another build: the page there begins with another script. */
async function otherBuild(page: Visit): Promise<void> {
  await page.route(`${node.address}/`, async (route) => {
    if (route.request().isNavigationRequest()) return route.continue();
    const answer = await route.fetch();
    const body = (await answer.text()).replace(/\/assets\/index-[^"]+\.js/, "/assets/index-0.js");
    await route.fulfill({ response: answer, body });
  });
}

/** Ends the node, and starts it once the page has seen that. */
async function restart(page: Visit): Promise<void> {
  await node.stop();
  await page.getByText(/Values are from/).waitFor();
  await node.again();
}

test("a page whose node became another build says so and loads anew, once", async () => {
  const page = await owner(node);
  await page.goto(`${node.address}/clients`);
  await inside(page).waitFor();
  await otherBuild(page);
  const reloaded = page.waitForEvent("load");
  await restart(page);
  await sees(page, "sign_in.outdated");
  await reloaded;
  await inside(page).waitFor();
  expect(page.url()).toBe(`${node.address}/clients`);
  // Something on the way keeps the page as it was: it is used as it is, and does not load without end.
  let loads = 0;
  page.on("load", () => {
    loads += 1;
  });
  await restart(page);
  await page.getByText(/Values are from/).waitFor({ state: "detached" });
  expect(await page.getByText(say("sign_in.outdated")).count()).toBe(0);
  expect(loads).toBe(0);
  await isWhole(page);
});

test("a page of another build, kept by a browser, meets the node: it says so and loads the node's", async () => {
  const page = await owner(node);
  // What this browser kept: a page with another script, which does the same.
  let isKept = true;
  await page.route(`${node.address}/clients`, async (route) => {
    if (!isKept) return route.continue();
    const answer = await route.fetch();
    const body = (await answer.text()).replace(
      /\/assets\/index-[^"]+\.js/,
      "/assets/index-kept.js",
    );
    await route.fulfill({ response: answer, body });
  });
  const index = await page.content();
  const script = /\/assets\/index-[^"]+\.js/.exec(index)?.[0] ?? "";
  await page.route("**/assets/index-kept.js", async (route) =>
    route.fulfill({ response: await route.fetch({ url: `${node.address}${script}` }) }),
  );
  await page.goto(`${node.address}/clients`);
  await inside(page).waitFor();
  isKept = false;
  const reloaded = page.waitForEvent("load");
  await restart(page);
  await sees(page, "sign_in.outdated");
  await reloaded;
  await inside(page).waitFor();
  expect(await page.content()).toContain(script);
  await isWhole(page);
});

test("a part of the page that the node no longer has is not a white page", async () => {
  const page = await owner(node);
  let isNew = false;
  page.on("request", (request) => {
    isNew ||= request.isNavigationRequest();
  });
  await page.route(/\/assets\/.*\.js$/, (route) =>
    isNew ? route.continue() : route.fulfill({ status: 404, body: "" }),
  );
  const reloaded = page.waitForEvent("load");
  await page
    .getByRole("link", { name: say("app.settings"), exact: true })
    .first()
    .click();
  await reloaded;
  await inside(page).waitFor();
  await isWhole(page);
});

/** To a page by its link in the navigation. */
async function goTo(page: Visit, code: "app.settings" | "app.clients"): Promise<void> {
  const link = page.getByRole("link", { name: say(code), exact: true });
  await link.first().click();
}

test("a part that is asked for while the node is away comes when it is back", async () => {
  const page = await owner(node);
  // None is there before it is opened.
  await page.route(/\/assets\/settings-.*\.js$/, (route) =>
    isAway ? route.abort() : route.continue(),
  );
  let isAway = true;
  await node.stop();
  await page.getByText(/Values are from/).waitFor();
  await goTo(page, "app.settings");
  await sees(page, "problem.page_coming");
  await isWhole(page);
  isAway = false;
  await node.again();
  await page.getByRole("heading", { level: 1, name: say("app.settings") }).waitFor();
  expect(new URL(page.url()).pathname).toMatch(/^\/settings/);
  await isWhole(page);
});

test("a part that was only pointed at reloads nothing until somebody goes there", async () => {
  const page = await owner(node);
  await page.route(/\/assets\/(settings|clients|chat|more)-.*\.js$/, (route) => route.abort());
  let loads = 0;
  page.on("load", () => {
    loads += 1;
  });
  const failed = page.waitForEvent("requestfailed");
  await page
    .getByRole("link", { name: say("app.settings"), exact: true })
    .first()
    .hover();
  await failed;
  await page.unroute(/\/assets\/(settings|clients|chat|more)-.*\.js$/);
  // Whoever goes there after all is brought there by a page that is whole.
  expect(loads).toBe(0);
  await goTo(page, "app.settings");
  await page.getByRole("heading", { level: 1, name: say("app.settings") }).waitFor();
  await isWhole(page);
});

test("pages that were not opened yet are there while the node is away", async () => {
  const page = await owner(node);
  await page.waitForResponse(/\/assets\/welcome-.*\.js$/);
  await node.stop();
  await page.getByText(/Values are from/).waitFor();
  await goTo(page, "app.clients");
  await page.getByRole("heading", { level: 1, name: say("app.clients") }).waitFor();
  await isWhole(page);
  await node.again();
});

test("over one megabit a second and 200 ms the sign-in can be used within six seconds", async () => {
  const { link, token } = await node.ui();
  const slow = async (): Promise<Visit> => {
    const page = await visit();
    const session = await page.context().newCDPSession(page);
    await session.send("Network.enable");
    await session.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 200,
      downloadThroughput: 1_000_000 / 8,
      uploadThroughput: 1_000_000 / 8,
    });
    return page;
  };
  const stranger = await slow();
  const begun = performance.now();
  await stranger.goto(node.address);
  await stranger.getByLabel("Token", { exact: true }).fill(token);
  const until = performance.now() - begun;
  const page = await slow();
  const opened = performance.now();
  await page.goto(link);
  await inside(page).waitFor();
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  const used = performance.now() - opened;
  expect(until, "ms until the sign-in").toBeLessThan(6000);
  expect(used, "ms until the overview").toBeLessThan(6000);
});

test("below a path of another site the page says that it needs a name of its own", async () => {
  const page = await visit();
  // As a proxy that takes a path off: the page comes, and what it asks for is elsewhere.
  await page.route(`${node.address}/assets/**`, (route) =>
    route.fulfill({ status: 404, body: "" }),
  );
  await page.goto(node.address);
  await page.getByText(/needs a host name or a port of its own/).waitFor();
});
