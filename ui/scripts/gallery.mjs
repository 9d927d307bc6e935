// The gallery (tests/gallery.html) built and served on a free port, and what is in it: for tests and
// pictures in a browser.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { build, createServer, preview } from "vite";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const outDir = join(root, "node_modules/.cache/gallery");

/** How the browser is started. */
export function browserOptions() {
  return {
    executablePath: process.env.PERPETUA_TEST_CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--font-render-hinting=none",
    ],
  };
}

/** Builds and serves it, and opens a browser. */
export async function openGallery() {
  const { SCENARIOS } = await load("/tests/fixtures/scenarios.ts");
  await build({
    root,
    logLevel: "warn",
    build: { outDir, emptyOutDir: true, rolldownOptions: { input: "tests/gallery.html" } },
  });
  const server = await preview({
    root,
    logLevel: "warn",
    build: { outDir },
    preview: { port: 0, strictPort: false, open: false },
  });
  const url = new URL("tests/gallery.html", server.resolvedUrls.local[0]);
  const browser = await chromium.launch(browserOptions());
  return {
    scenarios: Object.entries(SCENARIOS).map(([name, { path = "/" }]) => ({
      name,
      page: path.split(/[/?]/)[1] || "overview",
    })),
    browser,
    address: (asked) => `${url}?${new URLSearchParams(asked)}`,
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

/** Opens one scenario in a page, and waits until all of it is there. */
export async function show(page, gallery, asked) {
  await page.goto(gallery.address(asked));
  await page.waitForSelector("h1");
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => document.fonts.ready);
}

async function load(module) {
  const server = await createServer({
    root,
    logLevel: "warn",
    server: { middlewareMode: true, ws: false },
    optimizeDeps: { noDiscovery: true },
  });
  try {
    return await server.ssrLoadModule(module);
  } finally {
    await server.close();
  }
}
