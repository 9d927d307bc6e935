/** The pages behind the first five minutes, walked on a desk and on a phone, in both languages. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { violations } from "../axe";
import {
  inside,
  isPhone,
  isWhole,
  type Looks,
  owner,
  press,
  sayTo,
  sees,
  withBrowser,
} from "./browser";
import { Node } from "./node";
import { World } from "./world";

const WALKERS: Looks[] = [
  { language: "en", width: 1120 },
  { language: "zh-CN", width: 1120 },
  { language: "en", width: 390 },
  { language: "zh-CN", width: 390 },
];

let world: World;
let node: Node;

withBrowser();

beforeAll(async () => {
  world = new World();
  node = await Node.on(await world.line());
  // The core is installed by then.
  await world.does("code");
});

afterAll(async () => {
  await node?.stop();
  await world?.close();
});

test.each(WALKERS)("signers, core, network, data and the file are walked: %o", async (looks) => {
  const page = await owner(node, inside, looks);
  for (const [place, walk] of [
    ["app.signers", signers],
    ["app.core", core],
    ["app.settings", settings],
  ] as const) {
    await goes(page, looks, place);
    await walk(page);
  }
  await isWhole(page);
});

/** By the navigation; on a phone through the tab of what is seldom opened. */
async function goes(page: Page, looks: Looks, place: string): Promise<void> {
  const navigation = page.getByRole("navigation", { name: sayTo(page, "app.navigation") });
  const link = (on: Page | typeof navigation) =>
    on.getByRole("link", { name: sayTo(page, place) }).first();
  if (!isPhone(looks)) return link(navigation).click();
  await navigation.getByRole("link", { name: sayTo(page, "app.more") }).click();
  await page.waitForURL(/\/more$/);
  await link(page).click();
}

/** Nothing is cut off at the side, and anybody can use what is there. */
async function isUsable(page: Page): Promise<void> {
  const tooWide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(tooWide, page.url()).toBe(0);
  expect(await violations(page), page.url()).toEqual([]);
}

/** One is added by its address, becomes the first, stands where it was, and is removed. */
async function signers(page: Page): Promise<void> {
  const list = page.getByRole("list", { name: sayTo(page, "signers.title") });
  await list.getByText("mine").first().waitFor();
  await list
    .getByText(/3\.2\.15-30366/)
    .first()
    .waitFor();
  await isUsable(page);
  const known = /url = "(http:[^"]+)"/.exec(node.settings())?.[1] ?? "";
  await press(page, "state.do_add_signer");
  await page
    .getByLabel(sayTo(page, "welcome.signer_address"))
    .fill(known.replace("127.0.0.1", "localhost"));
  await page.getByLabel(sayTo(page, "signers.name")).fill("spare");
  await press(page, "signers.add");
  const says = (code: string, what: string, params: Record<string, string | number>) =>
    sees(page, code, { what: sayTo(page, what, params) });
  await says("settings.saved", "signers.what_added", { signer: "spare" });
  const chosen = async (code: string) => {
    await page
      .getByRole("button", { name: sayTo(page, "signers.menu", { signer: "spare" }) })
      .click();
    await page.getByRole("menuitem", { name: sayTo(page, code) }).click();
  };
  await chosen("signers.move_up");
  await says("settings.saved", "signers.what_moved", { signer: "spare", place: 1 });
  await press(page, "app.undo");
  await says("settings.undone", "signers.what_moved", { signer: "spare", place: 1 });
  await chosen("welcome.signer_remove");
  await page
    .getByRole("dialog")
    .getByRole("button", { name: sayTo(page, "welcome.signer_remove") })
    .click();
  await says("settings.saved", "signers.what_removed", { signer: "spare" });
}

/** What is installed is as it was installed. */
async function core(page: Page): Promise<void> {
  const installed = page.getByRole("table", { name: sayTo(page, "cores.installed") });
  await installed.getByText(sayTo(page, "cores.current")).first().waitFor();
  await sees(page, "cores.sources");
  await isUsable(page);
  await press(page, "cores.verify");
  const [before = "", after = ""] = sayTo(page, "cores.unchanged", { version: "|" }).split("|");
  await page.getByText(new RegExp(`^${before}.+${after}$`)).waitFor();
}

async function settings(page: Page): Promise<void> {
  await isUsable(page);
  await network(page);
  await data(page);
  await file(page);
}

/** Ports are leased, and then any again. */
async function network(page: Page): Promise<void> {
  await press(page, "settings.network");
  await sees(page, "settings.only_here");
  await isUsable(page);
  const ports = page.getByRole("textbox", { name: sayTo(page, "settings.lease_ports") });
  await ports.fill("18100-18110");
  await ports.press("Enter");
  const what = sayTo(page, "settings.what_lease_ports", { ports: "18100-18110" });
  await sees(page, "settings.saved", { what });
  expect(node.settings()).toContain("18100-18110");
  await press(page, "app.undo");
  await sees(page, "settings.undone", { what });
  expect(node.settings()).not.toContain("18100-18110");
  expect(await ports.inputValue()).toBe("");
}

async function data(page: Page): Promise<void> {
  await press(page, "settings.data");
  await sees(page, "settings.data_folder");
  await sees(page, "settings.room_rest");
  await isUsable(page);
}

/** A fault is refused with its line; a comment is saved, and taken back. */
async function file(page: Page): Promise<void> {
  await press(page, "settings.edit_file");
  const editor = page.getByRole("textbox", { name: sayTo(page, "settings.file") });
  await editor.waitFor();
  const before = await editor.inputValue();
  expect(before).toBe(node.settings());
  await isUsable(page);
  await editor.fill(`nonsense\n${before}`);
  await page.keyboard.press("Control+s");
  await sees(page, "settings.at_line", { line: 1 });
  expect(node.settings()).toBe(before);
  await isUsable(page);
  await editor.fill(`${before}# walked\n`);
  await press(page, "settings.save_file");
  const what = sayTo(page, "settings.nothing_changed");
  await sees(page, "settings.saved", { what });
  await press(page, "app.undo");
  await sees(page, "settings.undone", { what });
  expect(node.settings()).toBe(before);
}
