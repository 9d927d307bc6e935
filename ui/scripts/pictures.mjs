// `cargo xtask pictures`: every scenario in both languages, by day and by night, on three screens.
// All of them go to docs/pictures/all, which is not committed; beside it lie the best ones for the
// README, and one sheet for each page. `npm run pictures settings chat` draws these pages alone.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openGallery, show } from "./gallery.mjs";

const pictures = join(dirname(fileURLToPath(import.meta.url)), "../../docs/pictures");
const all = join(pictures, "all");

const LANGUAGES = ["zh-CN", "en"];
const THEMES = ["light", "dark"];
const SCREENS = [
  { width: 1120, height: 720 },
  { width: 800, height: 600 },
  { width: 390, height: 844 },
];

/** What the README shows: a name, and the scenario behind it. */
const BEST = {
  overview: "full",
  welcome: "first-run",
  login: "login-scan",
  chat: "chat-full",
};

/** How many pixels a picture is wide on a sheet. */
const ON_SHEET = 420;

const gallery = await openGallery();
const pages = new Set(gallery.scenarios.map(({ page }) => page));
const asked = process.argv.slice(2);
const chosen = [...pages].filter((page) => asked.length === 0 || asked.includes(page));
try {
  if (asked.length === 0) rmSync(all, { recursive: true, force: true });
  mkdirSync(all, { recursive: true });
  await drawAll();
  await drawBest();
  for (const page of chosen) await drawSheet(page);
} finally {
  await gallery.close();
}

function file(scenario, language, theme, { width, height }) {
  return join(all, `${scenario}.${language}.${theme}.${width}x${height}.png`);
}

async function drawAll() {
  const page = await gallery.browser.newPage({ reducedMotion: "reduce" });
  const scenarios = gallery.scenarios.filter(({ page }) => chosen.includes(page));
  for (const { name: scenario } of scenarios) {
    for (const language of LANGUAGES) {
      for (const theme of THEMES) {
        await page.setViewportSize(SCREENS[0]);
        await show(page, gallery, { scenario, language, theme });
        for (const screen of SCREENS) {
          await page.setViewportSize(screen);
          await page.evaluate(
            () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
          );
          await page.screenshot({ path: file(scenario, language, theme, screen) });
        }
      }
    }
    process.stderr.write(`${scenario}\n`);
  }
  await page.close();
}

async function drawBest() {
  for (const [name, scenario] of Object.entries(BEST)) {
    const { page } = gallery.scenarios.find((one) => one.name === scenario);
    if (!chosen.includes(page)) continue;
    for (const language of LANGUAGES) {
      const drawn = readFileSync(file(scenario, language, "light", SCREENS[0]));
      writeFileSync(join(pictures, `${name}.${language}.webp`), await toWebp(drawn, 0.9));
    }
  }
}

/** One row for each scenario: a large screen by day and by night, a middle one, and a phone. */
async function drawSheet(page) {
  const shown = gallery.scenarios.filter((scenario) => scenario.page === page);
  const columns = [
    ["zh-CN", "light", SCREENS[0]],
    ["en", "dark", SCREENS[0]],
    ["en", "light", SCREENS[1]],
    ["zh-CN", "dark", SCREENS[2]],
  ];
  const picture =
    (name) =>
    ([language, theme, screen]) => {
      const bytes = readFileSync(file(name, language, theme, screen)).toString("base64");
      const width = Math.round((ON_SHEET * screen.width) / SCREENS[0].width);
      return `<img width="${width}" src="data:image/png;base64,${bytes}">`;
    };
  const rows = shown.map(
    ({ name }) => `<p>${name}</p><div>${columns.map(picture(name)).join("")}</div>`,
  );
  const style =
    "body{margin:16px;background:#888;font:14px monospace;width:max-content}" +
    "div{display:flex;gap:12px;align-items:start}p{margin:12px 0 6px;color:#fff}";
  const sheet = await gallery.browser.newPage({ viewport: { width: 1480, height: 400 } });
  await sheet.setContent(`<style>${style}</style>${rows.join("")}`);
  const drawn = await sheet.locator("body").screenshot();
  await sheet.close();
  writeFileSync(join(pictures, `sheet-${page}.webp`), await toWebp(drawn, 0.7));
}

/** A PNG as WebP, which is a quarter of it. */
async function toWebp(png, quality) {
  const page = await gallery.browser.newPage();
  const webp = await page.evaluate(
    async ([source, quality]) => {
      const image = new Image();
      image.src = `data:image/png;base64,${source}`;
      await image.decode();
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [image.width, image.height];
      canvas.getContext("2d").drawImage(image, 0, 0);
      return canvas.toDataURL("image/webp", quality).split(",")[1];
    },
    [png.toString("base64"), quality],
  );
  await page.close();
  return Buffer.from(webp, "base64");
}
