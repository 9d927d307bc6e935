/** A login in the browser, with a stand-in for the core that is led from here. */
import { afterAll, beforeAll, test } from "vitest";
import { isWhole, owner, say, sees, tabTo, withBrowser } from "./browser";
import { Node } from "./node";
import { World } from "./world";

let world: World;
let node: Node;

withBrowser();

beforeAll(async () => {
  world = new World();
  node = await Node.on(await world.line());
});

afterAll(async () => {
  await node?.stop();
  await world?.close();
});

test("a code is shown, scanned and confirmed by keyboard alone, and the account is online", async () => {
  const page = await owner(node);
  await world.does("code");
  await sees(page, "overview.scan", { name: "main" });
  const way = { name: say("state.do_show_code"), exact: true };
  await tabTo(page, page.getByRole("link", way).or(page.getByRole("button", way)).first());
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/accounts\/main\/login$/);
  await sees(page, "qr.title");
  await page.getByLabel(say("qr.code_label")).first().waitFor();
  await world.does("scan");
  await page
    .getByText(/3889000871/)
    .first()
    .waitFor();
  await world.does("confirm");
  await sees(page, "qr.logged_in");
  await page.goto(node.address);
  await page.getByText(say("overview.awaits_bot")).first().waitFor();
  await isWhole(page);
});
