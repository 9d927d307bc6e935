/**
 * The real pages on a made scenario: `gallery.html?scenario=full&language=en&theme=dark&path=/clients`.
 * or, with `clients=2000`, on so many clients. `window.fake` is the platform, for a driver that lets things happen, and `window.flood` lets a lot happen.
 */
import { createMemoryHistory } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { App } from "../src/app";
import type { Cache } from "../src/store/cache";
import { Session } from "../src/store/session";
import { Store } from "../src/store/store";
import { keepWish, load } from "../src/words/language";
import type { Language } from "../src/words/words";
import { FakePlatform, keepingPreferences } from "./fake-platform";
import { crowd } from "./fixtures/crowd";
import { NOW, SCENARIOS } from "./fixtures/scenarios";
import { type Flood, flood } from "./flood";

declare global {
  interface Window {
    fake?: FakePlatform;
    flood?: (kind: Flood, perSecond: number) => () => number;
  }
}

const asked = new URLSearchParams(location.search);
const crowded = asked.get("clients");
const scenario =
  crowded === null ? SCENARIOS[asked.get("scenario") ?? "full"] : crowd(Number(crowded));
if (!scenario) throw new Error(`scenarios are ${Object.keys(SCENARIOS).join(", ")}`);
const language: Language = asked.get("language") === "en" ? "en" : "zh-CN";
const theme = asked.get("theme") === "dark" ? "dark" : "light";

// The clock begins when the scenario was made, so that every picture tells the same time.
const begun = performance.now();
Date.now = () => NOW + performance.now() - begun;

localStorage.clear();
sessionStorage.clear();
localStorage.setItem("mantine-color-scheme-value", theme);
document.documentElement.dataset["mantineColorScheme"] = theme;
keepWish(language);
document.documentElement.lang = language;

const nothing: Cache = { read: () => null, keep: () => undefined };
const platform = new FakePlatform({
  ...scenario,
  answers: {
    ...keepingPreferences({
      language,
      notifications: {
        kinds: ["kicked", "scan_needed", "stopped"],
        quiet_hours: { from_minute: 23 * 60, to_minute: 8 * 60 },
      },
      webhooks: [],
      updates: { check: true, channel: "stable" },
    }),
    ...scenario.answers,
  },
});
window.fake = platform;
window.flood = (kind, perSecond) => flood(platform, kind, perSecond);
const store = new Store(platform, nothing);
const session = platform.browser && new Session(platform.browser, () => undefined);
const { code, news } = scenario.signIn ?? {};
if (code) window.history.replaceState(null, "", `/signin#code=${code}`);
await session?.open();
// A link that did not let in, or a token that was tried.
const tried = scenario.signIn?.refused;
if (session && tried) await session.signIn({ token: "tried" });
if (session) session.during(() => store.start());
else store.start();
// What says that it loads anew stays to be looked at.
window.navigation?.addEventListener("navigate", (event) => {
  if (event.navigationType === "reload") event.preventDefault();
});
const words = await load(language);
const path = asked.get("path") ?? scenario.path ?? "/";
const history = createMemoryHistory({ initialEntries: [path] });
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <App platform={platform} store={store} session={session} words={words} history={history} />,
  );
}

/** Waits until something is there. */
function there(selector: string): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!document.querySelector(selector)) return;
      seen.disconnect();
      resolve();
    };
    const seen = new MutationObserver(look);
    seen.observe(document, { childList: true, subtree: true });
    look();
  });
}

if (news) {
  await there(news.after);
  platform.bring(news.news);
}
