/** Settings that are changed while something happens to them. */
import type { Page } from "playwright-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isWhole, owner, press, say, sees, withBrowser } from "./browser";
import { Node } from "./node";

let node: Node;

withBrowser();

beforeEach(async () => {
  node = await Node.start();
});

afterEach(() => node?.close());

/** The settings of the network, and the field of what is changed there. */
async function network(page: Page) {
  await page.goto(`${node.address}/settings/network`);
  const ports = page.getByRole("textbox", { name: say("settings.lease_ports") });
  await ports.waitFor();
  return ports;
}

const saved = { what: say("settings.what_lease_ports", { ports: "18100-18110" }) };

test("a file that is broken by hand is told with its line, and what is typed stays", async () => {
  const page = await owner(node);
  const ports = await network(page);
  await ports.fill("18100-18110");
  const whole = node.settings();
  const broken = `${whole}[clients\n`;
  node.writeSettings(broken);
  await sees(page, "settings.file_wrong", { line: whole.split("\n").length });
  expect(await ports.inputValue()).toBe("18100-18110");
  await ports.press("Enter");
  await page.getByRole("alert").first().waitFor();
  expect(await ports.inputValue()).toBe("18100-18110");
  expect(node.settings()).toBe(broken);
  node.writeSettings(whole);
  await page
    .getByText(say("settings.file_wrong", { line: whole.split("\n").length }))
    .waitFor({ state: "detached" });
  await ports.press("Enter");
  await sees(page, "settings.saved", saved);
  expect(node.settings()).toContain("18100-18110");
  await isWhole(page);
});

test.each([true, false])(
  "a node that ends in the middle of a change: whether it was saved (%s) is told",
  async (isSaved) => {
    const page = await owner(node);
    const ports = await network(page);
    await page.route("**/rpc/network_edit", async (route) => {
      // The answer is lost with the node, or the question never comes there.
      if (isSaved) await route.fetch();
      await node.stop();
      await route.abort();
    });
    await ports.fill("18100-18110");
    await ports.press("Enter");
    // What was saved may have been told before the node ended.
    if (!isSaved) await sees(page, "problem.unreachable");
    await page.getByText(/Values are from/).waitFor();
    await page.unroute("**/rpc/network_edit");
    await node.again();
    await page.getByText(/Values are from/).waitFor({ state: "detached" });
    if (isSaved) {
      await sees(page, "settings.saved", saved);
      expect(await page.getByText(say("problem.unreachable")).count()).toBe(0);
      return;
    }
    await sees(page, "settings.not_saved");
    expect(await ports.inputValue()).toBe("18100-18110");
    await ports.press("Enter");
    await sees(page, "settings.saved", saved);
    expect(await page.getByText(say("settings.not_saved")).count()).toBe(0);
    await isWhole(page);
  },
);

test("two who change the same setting: the second is told what it is by now", async () => {
  const [one, other] = [await owner(node), await owner(node)];
  const [first, second] = [await network(one), await network(other)];
  await second.fill("19000-19010");
  await first.fill("18100-18110");
  await first.press("Enter");
  await sees(one, "settings.saved", saved);
  await sees(other, "app.overtaken", { value: "18100-18110" });
  expect(await second.inputValue()).toBe("19000-19010");
  await second.press("Escape");
  expect(await second.inputValue()).toBe("18100-18110");
  await isWhole(other);
});

test("two who edit the file: the second sees what it holds, and loses nothing", async () => {
  const [one, other] = [await owner(node), await owner(node)];
  const editor = async (page: Page) => {
    await page.goto(`${node.address}/settings/toml`);
    const text = page.getByRole("textbox", { name: say("settings.file") });
    await text.waitFor();
    return text;
  };
  const [first, second] = [await editor(one), await editor(other)];
  const before = node.settings();
  await second.fill(`${before}# second\n`);
  await first.fill(`${before}# first\n`);
  await press(one, "settings.save_file");
  await sees(one, "settings.saved", { what: say("settings.nothing_changed") });
  await sees(other, "settings.changed_elsewhere");
  expect(await second.inputValue()).toContain("# second");
  await press(other, "settings.keep_mine");
  await press(other, "settings.save_file");
  await sees(other, "settings.saved", { what: say("settings.nothing_changed") });
  expect(node.settings()).toBe(`${before}# second\n`);
});

test("two who remove the same client: the second is told, and both see it gone", async () => {
  const koishi = 'name = "koishi"\nkind = "forward"\nlisten = "127.0.0.1:0"\n';
  node.writeSettings(`${node.settings()}[[accounts.clients]]\n${koishi}`);
  const [one, other] = [await owner(node), await owner(node)];
  const verb = (page: Page) =>
    page.getByRole("button", { name: say("client.remove_verb", { client: "koishi" }) });
  for (const page of [one, other]) {
    await page.goto(`${node.address}/clients/main/koishi?tab=settings`);
    await press(page, "client.remove");
    await verb(page).waitFor();
  }
  await verb(one).click();
  await sees(one, "client.removed", { client: "koishi" });
  await sees(other, "client.gone");
  expect(await verb(other).count()).toBe(0);
  await isWhole(other);
});

test("a port that changes is told with the new address: before it, and on the page that was left behind", async () => {
  const page = await owner(node);
  await network(page);
  const listens = page.getByRole("textbox", { name: say("settings.listens") });
  const free = await Node.start();
  const { host } = new URL(free.address);
  await free.close();
  await listens.fill(host);
  await listens.press("Enter");
  const url = `http://${host}/`;
  await sees(page, "settings.moves_to", { url });
  await press(page, "settings.moves_do");
  await sees(page, "settings.saved", { what: say("settings.what_listen", { address: host }) });
  await sees(page, "settings.listens_later", { now: new URL(node.address).host });
  await node.stop();
  await node.again();
  expect(node.address).toBe(`http://${host}`);
  const link = page.getByRole("link", { name: url });
  await link.waitFor();
  await link.click();
  await page.waitForURL(url);
  await sees(page, "sign_in.title");
});
