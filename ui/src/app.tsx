/** The page, around whatever platform it runs on. */
import "@mantine/core/styles.css";
import "./theme/fonts.css";
import "./theme/tokens.css";
import "./theme/global.css";
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type RouterHistory, RouterProvider } from "@tanstack/react-router";
import { useState } from "react";
import type { Platform } from "./platform";
import { router } from "./routes";
import { Gate } from "./shell/gate";
import { Refresh } from "./shell/refresh";
import { WorldProvider } from "./store/context";
import type { Session } from "./store/session";
import type { Store } from "./store/store";
import { resolver, theme } from "./theme/theme";
import { WordsProvider } from "./words/context";
import type { Words } from "./words/words";

type Props = {
  platform: Platform;
  store: Store;
  /** Who is signed in, in a browser. */
  session?: Session | null;
  words: Words;
  history?: RouterHistory;
  /** Nothing moves, and what opens is there at once. */
  still?: boolean;
};

/** A call that fails is said at once: perpetua is on this machine, or is not there at all. */
function queries(): QueryClient {
  const defaults = { retry: false, networkMode: "always", refetchOnWindowFocus: false } as const;
  return new QueryClient({ defaultOptions: { queries: defaults, mutations: defaults } });
}

/** Everything inside can call, follow and speak. */
export function App({ platform, store, session = null, words, history, still = false }: Props) {
  const [client] = useState(queries);
  const [routes] = useState(() => router(history));
  const [world] = useState({ platform, store, session });
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={resolver}
      defaultColorScheme="auto"
      env={still ? "test" : "default"}
    >
      <WordsProvider first={words}>
        <WorldProvider world={world}>
          <QueryClientProvider client={client}>
            <Gate>
              <Refresh />
              <RouterProvider router={routes} />
            </Gate>
          </QueryClientProvider>
        </WorldProvider>
      </WordsProvider>
    </MantineProvider>
  );
}
