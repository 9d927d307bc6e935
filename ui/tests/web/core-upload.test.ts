/** An archive of the core, sent from a browser to a perpetua that runs elsewhere. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isWhole, owner, press, say, sees, tabTo, withBrowser } from "./browser";
import { Node } from "./node";
import { World } from "./world";

let world: World;
let folder: string;
let node: Node;

withBrowser();

beforeAll(async () => {
  world = new World();
  folder = await world.line();
  node = await Node.on(folder);
  await world.does("archive");
});

afterAll(async () => {
  await node?.stop();
  await world?.close();
});

/** The page of cores, once the one is there that the account needs. */
async function cores(): Promise<Awaited<ReturnType<typeof owner>>> {
  const page = await owner(node);
  await page.goto(`${node.address}/core`);
  await sees(page, "cores.current");
  return page;
}

/** Opens the dialog, and gives it a file. */
async function choose(page: Page, name: string, buffer: Buffer): Promise<void> {
  await press(page, "cores.import");
  const input = page.locator('[role="dialog"] input[type="file"]');
  await input.setInputFiles({ name, mimeType: "application/octet-stream", buffer });
}

test("a file that is no archive is refused with words, and a good one becomes the current core", async () => {
  const page = await cores();
  const picture = Buffer.alloc(2_000_000, "GIF89a ");
  await choose(page, "picture.gif", picture);
  await page
    .getByText(/neither .* nor .*; choose the file as its publisher offers it/)
    .first()
    .waitFor();
  await page.reload();
  const archive = readFileSync(join(folder, "archive"));
  await choose(page, "核心 (1).tgz", archive);
  await sees(page, "setup.unconfirmed");
  await press(page, "setup.compare");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("核心 (1).tgz").waitFor();
  await dialog.getByLabel(say("setup.by_eye")).press("Space");
  await tabTo(page, dialog.getByRole("button", { name: say("setup.install_compared") }));
  await page.keyboard.press("Enter");
  const row = page.getByRole("row").filter({ hasText: /local-[0-9a-f]{8}/ });
  await row.getByText(say("cores.current"), { exact: true }).waitFor();
  await row.getByText(say("cores.vouched_person")).waitFor();
  await isWhole(page);
});

test("over a slow line the strip tells how far it is, in every tab, and it can be cancelled", async () => {
  const page = await cores();
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 50,
    downloadThroughput: -1,
    uploadThroughput: 125_000,
  });
  const other = await cores();
  const packed = Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), Buffer.alloc(20_000_000)]);
  await choose(page, "slow.tar.gz", packed);
  for (const seeing of [page, other]) {
    await sees(seeing, "setup.step_of", { version: "slow.tar.gz", step: say("step.uploading") });
    await seeing.getByText(/of 20 MB/).waitFor();
  }
  await press(other, "app.cancel");
  for (const seeing of [page, other]) {
    await seeing.getByText(/slow\.tar\.gz/).waitFor({ state: "detached" });
  }
  expect(await page.getByRole("dialog").count()).toBe(0);
  await isWhole(page);
});
