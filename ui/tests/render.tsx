/** Shows the real pages on a fake platform. */
import { createMemoryHistory } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import { afterEach } from "vitest";
import { App } from "../src/app";
import type { Cache } from "../src/store/cache";
import { Session } from "../src/store/session";
import { Store } from "../src/store/store";
import { load } from "../src/words/language";
import type { Language } from "../src/words/words";
import { FakePlatform, keepingPreferences, type Scenario } from "./fake-platform";
import { SCENARIOS } from "./fixtures/scenarios";

/** A page that goes on behind the next test would watch its clock. */
const running: (() => void)[] = [];
afterEach(() => {
  for (const stop of running.splice(0)) stop();
});

const NO_CACHE: Cache = { read: () => null, keep: () => undefined };

/** A scenario by its name. */
export function scenario(name: keyof typeof SCENARIOS): Scenario {
  const found = SCENARIOS[name];
  if (!found) throw new Error(`no scenario ${name}`);
  return found;
}

/** The whole app at an address; what the page has called is in `platform.called`. */
export async function show(
  made: Scenario,
  {
    path = made.path ?? "/",
    language = "en" as Language,
    cache = NO_CACHE,
    forgets = () => undefined,
  }: { path?: string; language?: Language; cache?: Cache; forgets?: () => void } = {},
) {
  localStorage.clear();
  localStorage.setItem("perpetua.language", language);
  const platform = new FakePlatform({
    ...made,
    answers: {
      ...keepingPreferences({
        language,
        notifications: { kinds: ["kicked", "scan_needed"], quiet_hours: null },
        webhooks: [{ host: "hooks.example" }],
        updates: { check: true, channel: "stable" },
      }),
      ...made.answers,
    },
  });
  const store = new Store(platform, cache);
  const forgotten = { times: 0 };
  const forget = () => {
    forgotten.times += 1;
    forgets();
  };
  const session = platform.browser && new Session(platform.browser, forget);
  await session?.open();
  let stop: () => void = () => undefined;
  if (session) session.during(() => store.start());
  else stop = store.start();
  running.push(() => {
    stop();
  });
  const words = await load(language);
  const history = createMemoryHistory({ initialEntries: [path] });
  const shown = render(
    <App
      platform={platform}
      store={store}
      session={session}
      words={words}
      history={history}
      still
    />,
  );
  return { ...shown, platform, store, session, forgotten, words, history, stop };
}
