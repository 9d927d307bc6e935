import { createRoot } from "react-dom/client";
import { App } from "./app";
import { platform } from "./platform";
import { loadAll } from "./routes";
import { forgetSnapshot, storageCache } from "./store/cache";
import { Session } from "./store/session";
import { Store } from "./store/store";
import { chosen, lastWish, load, preferred } from "./words/language";

const language = chosen(lastWish(), preferred());
document.documentElement.lang = language;

const around = platform();
const session = around.browser
  ? new Session(around.browser, () => forgetSnapshot(localStorage))
  : null;
const [words] = await Promise.all([load(language), session?.open()]);
const store = new Store(around, storageCache(localStorage));
if (session) session.during(() => store.start());
else store.start();

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(<App platform={around} store={store} session={session} words={words} />);
}

/** What is seen first comes first, on a slow line too. */
const LOAD_ALL_AFTER_MS = 3000;
// In the window all of them lie on the disk.
if (session) {
  setTimeout(() => void loadAll(), LOAD_ALL_AFTER_MS);
}
