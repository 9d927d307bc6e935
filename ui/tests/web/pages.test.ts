/** The main paths of an owner, in a real browser against a real node. */
import type { Page } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { inside, isWhole, owner, press, say, sees, tabTo, withBrowser } from "./browser";
import { Node } from "./node";

/** Before a first start there is no account. */
const NONE = "";
const nodes: Node[] = [];

withBrowser();

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()));
});

async function started(accounts?: string): Promise<Node> {
  const node = await Node.start(accounts);
  nodes.push(node);
  return node;
}

/** A bot that answers whatever is said with what it was, set up with what a page shows. */
async function echoBot(page: Page, address: string, token: string): Promise<void> {
  const bot = await page.context().newPage();
  await bot.evaluate(
    ([url, token]) =>
      new Promise<void>((resolve, reject) => {
        const socket = new WebSocket(`${url}?access_token=${token}`);
        socket.onerror = () => reject(new Error("it was not let in"));
        socket.onopen = () => resolve();
        socket.onmessage = ({ data }) => {
          const event = JSON.parse(data);
          if (event.post_type !== "message") return;
          const { message_type, user_id, group_id, raw_message } = event;
          const params = { message_type, user_id, group_id, message: `echo: ${raw_message}` };
          socket.send(JSON.stringify({ action: "send_msg", params }));
        };
      }),
    [address, token] as const,
  );
}

/** What the button that copies has put into the clipboard. */
async function copied(page: Page): Promise<{ address: string; token: string }> {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await press(page, "connect.copy_with_token");
  await sees(page, "app.copied");
  const lines = await page.evaluate(() => navigator.clipboard.readText());
  const [address = ""] = /ws:\/\/[^\s"']+/.exec(lines) ?? [];
  const [, token = ""] = /ONEBOT_ACCESS_TOKEN=["']?([^\s"']+)/.exec(lines) ?? [];
  return { address, token };
}

test("from nothing to the first reply of a bot, with the simulator", async () => {
  const node = await started(NONE);
  const page = await owner(node, (page) => page.getByText(say("welcome.title")));
  await page.getByText(say("welcome.simulator")).first().click();
  await press(page, "welcome.next");
  await sees(page, "welcome.connect_which");
  await page.getByText("NoneBot2").first().click();
  const { address, token } = await copied(page);
  expect(token).toBe(await node.token("nonebot"));
  await echoBot(page, address, token);
  await sees(page, "connect.connected_of_unnamed");
  await press(page, "talk.send");
  await page.getByText("echo: /help").first().waitFor();
  await press(page, "welcome.done_to_chat");
  await page.waitForURL(/\/chat\//);
  await page.getByText("echo: /help").first().waitFor();
  await isWhole(page);
});

test("a client is added by keyboard alone, and another browser sees it at once", async () => {
  const node = await started();
  const [page, other] = [await owner(node), await owner(node)];
  await other.goto(`${node.address}/clients`);
  await sees(other, "client.none");
  await tabTo(page, page.getByRole("link", { name: say("app.clients"), exact: true }).first());
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/clients$/);
  await tabTo(page, page.getByRole("button", { name: say("client.add") }).first());
  await page.keyboard.press("Space");
  await sees(page, "client.token_made");
  await page.keyboard.press("ArrowDown");
  await tabTo(page, page.getByRole("button", { name: say("client.add_and_connect") }));
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/clients\/main\/koishi/);
  await other.getByText("koishi").first().waitFor();
  await other.goto(`${node.address}/clients/main/koishi?tab=settings`);
  await press(other, "client.remove");
  await isWhole(page);
  await isWhole(other);
});

test("a node that is started again is found, and until then the page dates what it shows", async () => {
  const node = await started();
  const page = await owner(node);
  await page.goto(`${node.address}/clients`);
  await inside(page).waitFor();
  await node.stop();
  await page.getByText(/Values are from \d/).waitFor();
  await node.again();
  await page.getByText(/Values are from/).waitFor({ state: "detached" });
  await press(page, "client.add");
  await sees(page, "client.token_made");
  await isWhole(page);
});
