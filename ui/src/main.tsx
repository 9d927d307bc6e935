import { createRoot } from "react-dom/client";
import { App } from "./app";
import { platform } from "./platform";
import { mayReload, reload } from "./platform/reload";
import { forgetSnapshot, storageCache } from "./store/cache";
import { Session } from "./store/session";
import { Store } from "./store/store";
import { chosen, lastWish, load, preferred } from "./words/language";

// A page of an older version asks for parts that are no longer there: the new one has them.
window.addEventListener("vite:preloadError", (event) => {
  if (!mayReload()) return;
  event.preventDefault();
  reload();
});

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
