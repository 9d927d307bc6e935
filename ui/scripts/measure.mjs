// What `cargo xtask bench --ui` asks of the pages, as one line of JSON: how much the first page weighs, and
// what script and layout take of the processor for each frame while events come in. The second is measured
// in Chromium without a screen, with pages built as they are delivered and a platform that makes the events.
// `node scripts/measure.mjs SECONDS` watches each page for so long.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { firstPage } from "./first-page.mjs";
import { openGallery, show } from "./gallery.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const PER_SECOND = 200;
/** Where each event is about thousands of clients, and made in the page that is measured. */
const PER_SECOND_OF_MANY = 20;
/** With each frame: a wheel that is turned without a rest. */
const SCROLLED_PX = 40;

/** A page, the scenario behind it, and what comes in. */
const WATCHED = [
  { page: "overview", scenario: "full", flood: "state" },
  { page: "clients", scenario: "full", path: "/clients", flood: "state" },
  { page: "chat", scenario: "chat-full", flood: "chat" },
  {
    page: "2,000 clients, scrolled",
    clients: "2000",
    flood: "state",
    scroll: true,
    perSecond: PER_SECOND_OF_MANY,
  },
];

const seconds = Number(process.argv[2] ?? 10);
const { output } = await build({ root, logLevel: "warn", build: { write: false } });
const { bytes } = firstPage(Object.fromEntries(output.map((file) => [file.fileName, file])));

const gallery = await openGallery();
const frames = [];
try {
  for (const watched of WATCHED) frames.push(await watch(watched));
} finally {
  await gallery.close();
}
process.stdout.write(`${JSON.stringify({ first_page_bytes: bytes, frames })}\n`);

/** What each frame of a page took, second by second. */
async function watch({ page: name, flood, scroll = false, perSecond = PER_SECOND, ...asked }) {
  const page = await gallery.browser.newPage({ viewport: { width: 1120, height: 720 } });
  // A busy machine is no reason to measure nothing.
  page.setDefaultTimeout(120_000);
  await show(page, gallery, { language: "zh-CN", theme: "light", ...asked });
  await page.evaluate(
    ([flood, perSecond, step]) => {
      window.drawn = 0;
      const list = step > 0 ? document.querySelector("[data-virtual=true]") : null;
      let way = step;
      const count = () => {
        window.drawn += 1;
        if (list) {
          const before = list.scrollTop;
          list.scrollTop += way;
          if (list.scrollTop === before) way = -way;
        }
        requestAnimationFrame(count);
      };
      requestAnimationFrame(count);
      window.ending = window.flood(flood, perSecond);
    },
    [flood, perSecond, scroll ? SCROLLED_PX : 0],
  );
  const browser = await page.context().newCDPSession(page);
  // The page's own processor time: what else the machine does is not in it.
  await browser.send("Performance.enable", { timeDomain: "threadTicks" });
  const perFrame = [];
  const begun = performance.now();
  let before = await reading(page, browser);
  for (let second = 1; second <= seconds; second += 1) {
    await page.waitForTimeout(Math.max(0, begun + second * 1000 - performance.now()));
    const now = await reading(page, browser);
    if (now.drawn > before.drawn)
      perFrame.push((now.milliseconds - before.milliseconds) / (now.drawn - before.drawn));
    before = now;
  }
  const events = await page.evaluate(() => window.ending());
  await page.close();
  return { page: name, milliseconds: perFrame, frames: before.drawn, events };
}

/** Script, style and layout so far, and how many frames there were. */
async function reading(page, browser) {
  const drawn = await page.evaluate(() => window.drawn);
  const { metrics } = await browser.send("Performance.getMetrics");
  const taken = ["ScriptDuration", "RecalcStyleDuration", "LayoutDuration"].map(
    (wanted) => metrics.find(({ name }) => name === wanted)?.value ?? 0,
  );
  return { drawn, milliseconds: taken.reduce((sum, one) => sum + one, 0) * 1000 };
}
