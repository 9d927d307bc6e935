// One picture of the gallery: `node scripts/shot.mjs OUT.png WIDTH HEIGHT "scenario=full&language=en"`.
// The gallery has to be served (`npm run gallery`); CHROMIUM names the browser.
import { chromium } from "playwright-core";

const [out, width, height, query] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const page = await browser.newPage({
  viewport: { width: Number(width), height: Number(height) },
  reducedMotion: "reduce",
});
page.on("console", (message) => {
  if (message.type() !== "debug") console.log(message.type(), message.text());
});
page.on("pageerror", (error) => console.log("page error", error.message));
await page.goto(`http://localhost:5180/tests/gallery.html?${query}`);
await page.waitForSelector("h1", { timeout: 30_000 });
await page.waitForTimeout(600);
await page.screenshot({ path: out });
await browser.close();
