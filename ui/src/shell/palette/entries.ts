/** What can be opened and done from anywhere, as perpetua stands now. */
import { FRAMEWORKS, rememberedFramework } from "../../components/connect/frameworks";
import type { IconName } from "../../components/icons";
import type {
  AccountStatus,
  ClientStatus,
  Framework,
  Message,
  NodeStatus,
} from "../../generated/schema";
import { nameOf } from "../../state/headline";
import type { Deed } from "../../state/standing";
import { harmless } from "../../words/harmless";
import { message, type Words } from "../../words/words";
import { type Place, placesOf } from "../places";
import type { Findable } from "./match";

/** What pressing Enter does. */
export type Act =
  /** Opens `to` when it has worked, where its result is seen. */
  | { do: "deed"; deed: Deed; to: string | null }
  /** Asked about first while `connected` frameworks would notice; the question names the account as its row does. */
  | {
      do: "end";
      deed: { do: "restart" | "stop"; account: string };
      shown: string;
      connected: number;
      to: string;
    }
  | { do: "copy_lines"; account: string; client: string; framework: Framework }
  | { do: "copy_address"; client: string; address: string }
  | { do: "open_logs" };

/** One row. */
export type Entry = Findable & { key: string; icon: IconName; detail: string; act: Act };

/** Other words for a page. */
const ALSO: Partial<Record<Place["to"], Message>> = {
  "/": message("palette.also_overview"),
  "/clients": message("palette.also_clients"),
  "/chat": message("palette.also_chat"),
  "/core": message("palette.also_core"),
  "/signers": message("palette.also_signers"),
  "/settings": message("palette.also_settings"),
};

function go(to: string): Act {
  return { do: "deed", deed: { do: "go", to }, to: null };
}

/** Whether it cannot be done without a connection to perpetua. */
function callsNode(act: Act): boolean {
  switch (act.do) {
    case "deed":
      return act.deed.do !== "go";
    case "end":
    case "copy_lines":
      return true;
    case "copy_address":
    case "open_logs":
      return false;
  }
}

type Known = {
  status: NodeStatus | null;
  /** Without a connection perpetua can be asked for nothing. */
  isLive: boolean;
  hasShell: boolean;
};

/** Pages, accounts and clients first, then what can be done. */
export function entriesOf(words: Words, { status, isLive, hasShell }: Known): Entry[] {
  const accounts = status?.accounts ?? [];
  const clients = accounts.flatMap((account) =>
    account.clients.map((client) => ({ account, client })),
  );
  const all = [
    ...pagesOf(words, status),
    ...accounts.map((account) => accountEntry(words, account)),
    ...clients.flatMap(({ account, client }) => clientEntry(account, client)),
    ...clients.flatMap(({ account, client }) => clientVerbs(words, account, client)),
    ...accounts.flatMap((account) => accountVerbs(words, account)),
    ...otherVerbs(words, hasShell),
  ];
  return isLive ? all : all.filter(({ act }) => !callsNode(act));
}

function pagesOf(words: Words, status: NodeStatus | null): Entry[] {
  const { daily, rest } = placesOf(status);
  return [...daily, ...rest].map(({ to, word, icon }) => {
    const also = ALSO[to];
    return {
      key: `page ${to}`,
      icon,
      name: words.say({ code: word }),
      detail: "",
      also: [to.slice(1), ...(also ? words.say(also).split(" ") : [])],
      act: go(to),
    };
  });
}

const accountPath = ({ name }: AccountStatus) => `/accounts/${encodeURIComponent(name)}`;
const clientPath = ({ name }: AccountStatus, client: ClientStatus) =>
  `/clients/${encodeURIComponent(name)}/${encodeURIComponent(client.name)}`;

function accountEntry(words: Words, account: AccountStatus): Entry {
  const id = account.self_id === null ? [] : [String(account.self_id)];
  return {
    key: `account ${account.name}`,
    icon: account.upstream.kind === "simulator" ? "robot" : "user",
    name: harmless(nameOf(account)),
    detail: [words.t("client.account"), harmless(account.name), ...id].join(" · "),
    also: [account.name, ...id],
    act: go(accountPath(account)),
  };
}

function clientEntry(account: AccountStatus, client: ClientStatus): Entry[] {
  if (client.kind === "leased") return [];
  const facts = [account.name, client.listen].filter((fact) => fact !== null);
  return [
    {
      key: `client ${account.name}/${client.name}`,
      icon: "plug-connected",
      name: harmless(client.name),
      detail: facts.map(harmless).join(" · "),
      also: facts,
      act: go(clientPath(account, client)),
    },
  ];
}

function clientVerbs(words: Words, account: AccountStatus, client: ClientStatus): Entry[] {
  if (client.kind === "leased") return [];
  const names = { account: account.name, client: client.name };
  const shown = harmless(client.name);
  const of = { detail: harmless(account.name), also: [account.name] };
  const key = (verb: string) => `${verb} ${account.name}/${client.name}`;
  const verbs: Entry[] = [
    {
      ...of,
      key: key("lines"),
      icon: "copy",
      name: words.t("palette.copy_lines", { client: shown }),
      act: {
        do: "copy_lines",
        ...names,
        framework: rememberedFramework(account.name, client),
      },
    },
  ];
  if (client.listen !== null) {
    verbs.push({
      ...of,
      key: key("address"),
      icon: "copy",
      name: words.t("palette.copy_address", { client: shown }),
      act: { do: "copy_address", client: shown, address: client.listen },
    });
  }
  if (!client.enabled) {
    verbs.push({
      ...of,
      key: key("enable"),
      icon: "player-play",
      name: words.t("palette.enable", { name: shown }),
      act: {
        do: "deed",
        deed: { do: "enable_client", ...names },
        to: clientPath(account, client),
      },
    });
  }
  return verbs;
}

/** A core that is over does not run, nor does one that is not there. */
const RESTING = ["stopped", "absent", "braked", "stopping"];

function accountVerbs(words: Words, account: AccountStatus): Entry[] {
  const { name, core, upstream } = account;
  const to = accountPath(account);
  const shown = { account: harmless(nameOf(account)) };
  const verb = (key: string, icon: IconName, said: string, act: Act): Entry => ({
    key: `${key} ${name}`,
    icon,
    name: said,
    detail: harmless(name),
    also: [name],
    act,
  });
  const does = (call: "enable" | "reconnect" | "start"): Act => ({
    do: "deed",
    deed: { do: call, account: name },
    to,
  });
  if (!account.enabled) {
    const said = words.t("palette.enable", { name: shown.account });
    return [verb("enable", "player-play", said, does("enable"))];
  }
  if (core === null) {
    if (upstream.kind === "simulator") return [];
    const said = words.t("palette.reconnect", shown);
    return [verb("reconnect", "refresh", said, does("reconnect"))];
  }
  const login = verb("login", "qrcode", words.t("palette.log_in", shown), go(`${to}/login`));
  const logins = core.state === "online" ? [] : [login];
  if (RESTING.includes(core.state)) {
    const said = words.t("palette.start", shown);
    return [...logins, verb("start", "player-play", said, does("start"))];
  }
  const open = account.clients.filter(({ connections }) => connections.length > 0).length;
  const connected = account.online ? open : 0;
  const ends = { do: "end", shown: shown.account, connected, to } as const;
  return [
    ...logins,
    verb("restart", "refresh", words.t("palette.restart", shown), {
      ...ends,
      deed: { do: "restart", account: name },
    }),
    verb("stop", "player-stop", words.t("palette.stop", shown), {
      ...ends,
      deed: { do: "stop", account: name },
    }),
  ];
}

function otherVerbs(words: Words, hasShell: boolean): Entry[] {
  const verb = (name: string, icon: IconName, act: Act): Entry => {
    return { key: name, icon, name, detail: "", also: [], act };
  };
  const known: Entry[] = [
    verb(words.t("overview.add_account"), "plus", go("/welcome")),
    {
      ...verb(words.t("client.add"), "plus", go("/clients?add=true")),
      also: FRAMEWORKS,
    },
  ];
  if (hasShell) known.push(verb(words.t("app.open_logs"), "folder-open", { do: "open_logs" }));
  return known;
}
