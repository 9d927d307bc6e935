/** Which page stands at which address. Each page is a chunk of its own, loaded when it is opened. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouterHistory,
} from "@tanstack/react-router";
import { part } from "./platform/part";
import { Frame } from "./shell/frame";
import { NoSuchPage, PageComing, PageFailed } from "./shell/wrong-page";

const PAGES = {
  account: () => part(() => import("./pages/account")),
  chat: () => part(() => import("./pages/chat")),
  clients: () => part(() => import("./pages/clients")),
  core: () => part(() => import("./pages/core")),
  help: () => part(() => import("./pages/help")),
  login: () => part(() => import("./pages/login")),
  more: () => part(() => import("./pages/more")),
  overview: () => part(() => import("./pages/overview")),
  settings: () => part(() => import("./pages/settings")),
  signers: () => part(() => import("./pages/signers")),
  welcome: () => part(() => import("./pages/welcome")),
};

/** Loads what was not opened yet, one after the other: it is there when perpetua is away. */
export async function loadAll(): Promise<void> {
  for (const load of Object.values(PAGES)) await load();
  await part(() => import("./shell/palette"));
}

const root = createRootRoute({ component: Frame });

const overview = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(PAGES.overview, "Overview"),
});

const account = createRoute({
  getParentRoute: () => root,
  path: "/accounts/$account",
  validateSearch: (search): { tab?: "status" | "login" | "settings" } => {
    const tab = search["tab"];
    return tab === "status" || tab === "login" || tab === "settings" ? { tab } : {};
  },
  component: lazyRouteComponent(PAGES.account, "Account"),
});

const login = createRoute({
  getParentRoute: () => root,
  path: "/accounts/$account/login",
  component: lazyRouteComponent(PAGES.login, "Login"),
});

/** What is looked for among the clients, and what is open beside them; kept in the address. */
export type ClientsSearch = {
  q?: string;
  account?: string;
  state?: string;
  sort?: string;
  tab?: string;
  /** The add dialog is open. */
  add?: boolean | undefined;
};

const clients = createRoute({
  getParentRoute: () => root,
  path: "/clients",
  validateSearch: (search): ClientsSearch => ({
    ...texts(search, ["q", "account", "state", "sort", "tab"]),
    // Named in any case: what is left out stays as the address has it.
    add: search["add"] === true || search["add"] === "true" ? true : undefined,
  }),
  component: lazyRouteComponent(PAGES.clients, "Clients"),
});

/** The drawer: the list stays, since its route is the parent. */
const client = createRoute({ getParentRoute: () => clients, path: "/$account/$client" });

const chat = createRoute({
  getParentRoute: () => root,
  path: "/chat",
  component: lazyRouteComponent(PAGES.chat, "Chat"),
});

/** `$chat` is `group-20001` or `user-10001`; `say` is what the composer begins with. */
const room = createRoute({
  getParentRoute: () => chat,
  path: "/$account/$chat",
  validateSearch: (search): { say?: string } => texts(search, ["say"]),
});

const core = createRoute({
  getParentRoute: () => root,
  path: "/core",
  component: lazyRouteComponent(PAGES.core, "Core"),
});

/** `add` opens the dialog that adds one, `change` the one for another address of the named. */
const signers = createRoute({
  getParentRoute: () => root,
  path: "/signers",
  validateSearch: (search): { add?: boolean; change?: string } => ({
    ...texts(search, ["change"]),
    ...(search["add"] ? { add: true } : {}),
  }),
  component: lazyRouteComponent(PAGES.signers, "Signers"),
});

/** On a phone: the pages that have no tab. */
const more = createRoute({
  getParentRoute: () => root,
  path: "/more",
  component: lazyRouteComponent(PAGES.more, "More"),
});

/** `$page` is the name of a file in `docs/troubles` or `docs/frameworks`. */
const help = createRoute({
  getParentRoute: () => root,
  path: "/help/$page",
  component: lazyRouteComponent(PAGES.help, "Help"),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  component: lazyRouteComponent(PAGES.settings, "Settings"),
});

const section = createRoute({ getParentRoute: () => settings, path: "/$section" });
const settingsFile = createRoute({ getParentRoute: () => settings, path: "/toml" });

const welcome = createRoute({
  getParentRoute: () => root,
  path: "/welcome",
  component: lazyRouteComponent(PAGES.welcome, "Welcome"),
});

/** `way` is which of the three, `account` the one that is being set up. */
const step = createRoute({
  getParentRoute: () => welcome,
  path: "/$step",
  validateSearch: (search): { way?: string; account?: string; client?: string } =>
    texts(search, ["way", "account", "client"]),
});

function texts<K extends string>(
  search: Record<string, unknown>,
  keys: K[],
): { [Key in K]?: string } {
  const found = keys.flatMap((key) => {
    const value = search[key];
    return typeof value === "string" ? [[key, value]] : [];
  });
  return Object.fromEntries(found);
}

/** What stands in an address is text: a client may be called `123`, `true` or `null`. */
function parseSearch(search: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search));
}

/** What is absent leaves no trace in the address. */
function stringifySearch(search: Record<string, unknown>): string {
  const present = Object.entries(search).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(present.map(([key, value]) => [key, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
}

const tree = root.addChildren([
  overview,
  account,
  login,
  clients.addChildren([client]),
  chat.addChildren([room]),
  core,
  signers,
  more,
  help,
  settings.addChildren([section, settingsFile]),
  welcome.addChildren([step]),
]);

/** A router over the address bar, or over the history that is given. */
export function router(history?: RouterHistory) {
  return createRouter({
    routeTree: tree,
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    defaultErrorComponent: PageFailed,
    defaultPendingComponent: PageComing,
    defaultNotFoundComponent: NoSuchPage,
    scrollRestoration: true,
    ...(history ? { history } : {}),
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof router>;
  }
}
