/** Two thousand clients: only the rows that are seen exist, and every one of them can be reached. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gallery, openGallery, show } from "../../scripts/gallery.mjs";

const CLIENTS = 2000;
/** A window's height of rows, and what is kept ready above and below. */
const FEW = 60;

let gallery: Gallery;

beforeAll(async () => {
  gallery = await openGallery();
}, 240_000);

afterAll(() => gallery.close());

test("a list of 2,000 clients scrolls from the first to the last and back", async () => {
  const page = await gallery.browser.newPage({ viewport: { width: 1120, height: 720 } });
  await show(page, gallery, { clients: String(CLIENTS), language: "en", theme: "light" });
  const list = page.locator("[data-virtual=true]");
  const rows = () => list.getByRole("row").count();
  await page.getByText("client-0-0", { exact: true }).first().waitFor();
  expect(await rows()).toBeLessThan(FEW);
  await list.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await page.getByText("client-19-99", { exact: true }).first().waitFor();
  expect(await page.getByText("client-0-0", { exact: true }).count()).toBe(0);
  expect(await rows()).toBeLessThan(FEW);
  await list.evaluate((element) => element.scrollTo(0, 0));
  await page.getByText("client-0-0", { exact: true }).first().waitFor();
  await page.close();
});
