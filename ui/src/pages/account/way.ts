/** The way from QQ to the bots, link by link; a problem sits on the link that has it. */
import type { IconName } from "../../components/icons";
import type { AccountStatus, CoreStatus, Message } from "../../generated/schema";
import type { Standing, Tone } from "../../state/standing";
import { message } from "../../words/words";

/** One link. `to` is the page that is about it. */
export type WayLink = {
  key: "qq" | "signer" | "core" | "program" | "simulator" | "perpetua" | "clients";
  word: Message;
  detail: string | Message | null;
  tone: Tone;
  icon: IconName;
  to: string | null;
  /** What it asks, beside the way. */
  beside?: WayLink;
};

type Sign = { tone: Tone; icon: IconName };

const GOOD: Sign = { tone: "ok", icon: "circle-check" };
const OFF: Sign = { tone: "idle", icon: "circle-dashed" };

/** The link that keeps a core from being online. */
export function culpritOf(core: CoreStatus): "qq" | "signer" | "core" | null {
  if (core.away && core.state === "starting") return "qq";
  switch (core.state) {
    case "online":
      return core.signer_problem ? "signer" : null;
    case "signer_problem":
      return "signer";
    case "waiting_for_scan":
    case "waiting_for_confirm":
    case "refused":
    case "kicked_offline":
    case "reconnecting":
      return "qq";
    case "starting":
      return core.phase === "preparing" ? "signer" : core.phase === "launched" ? "core" : "qq";
    case "braked":
      return core.reason === "nobody_scanned" || core.reason === "kicked_again" ? "qq" : "core";
    case "backoff":
      return core.away ? "qq" : "core";
    case "stopped":
    case "absent":
    case "installing":
    case "stopping":
      return "core";
  }
}

/** From QQ on the left to the frameworks on the right. */
export function wayOf(account: AccountStatus, standing: Standing): WayLink[] {
  const sign: Sign = { tone: standing.tone, icon: standing.icon };
  return [...sourceOf(account, sign), perpetua, clientsOf(account)];
}

const perpetua: WayLink = {
  key: "perpetua",
  word: message("account.link_perpetua"),
  detail: null,
  ...GOOD,
  to: null,
};

function sourceOf(account: AccountStatus, sign: Sign): WayLink[] {
  const { upstream, core, online } = account;
  const name = encodeURIComponent(account.name);
  const settings = `/accounts/${name}?tab=settings`;
  if (core) return ofCore(account, core, sign);
  if (upstream.kind === "simulator") {
    return [
      {
        key: "simulator",
        word: message("account.link_simulator"),
        detail: null,
        ...(online ? GOOD : sign),
        to: "/chat",
      },
    ];
  }
  const isOpen = upstream.state === "open";
  return [
    {
      key: "qq",
      word: message("account.link_qq"),
      detail: account.self_id === null ? null : String(account.self_id),
      ...(online ? GOOD : isOpen ? sign : OFF),
      to: null,
    },
    {
      key: "program",
      word: message("account.link_program"),
      detail: upstream.implementation ?? upstream.address,
      ...(isOpen ? GOOD : sign),
      to: settings,
    },
  ];
}

function ofCore(account: AccountStatus, core: CoreStatus, sign: Sign): WayLink[] {
  const culprit = culpritOf(core);
  const name = encodeURIComponent(account.name);
  const at = (key: "qq" | "signer" | "core", otherwise: Sign) =>
    culprit === key ? sign : otherwise;
  const signerWorks = core.signer !== null && core.signer.problem === null;
  return [
    {
      key: "qq",
      word: message("account.link_qq"),
      detail: account.self_id === null ? null : String(account.self_id),
      ...at("qq", core.state === "online" ? GOOD : OFF),
      to: `/accounts/${name}/login`,
    },
    {
      key: "core",
      word: message("account.link_core"),
      detail: core.version,
      ...at("core", core.process ? GOOD : OFF),
      to: "/core",
      // What goes to QQ does not go through it.
      beside: {
        key: "signer",
        word: message("account.link_signer"),
        detail: core.signer?.name ?? core.signer?.host ?? null,
        ...at("signer", signerWorks ? GOOD : OFF),
        to: "/signers",
      },
    },
  ];
}

function clientsOf(account: AccountStatus): WayLink {
  const count = account.clients.length;
  const connected = account.clients.filter(({ connections }) => connections.length > 0).length;
  const hasProblem = account.clients.some(({ problem }) => problem !== null);
  const sign: Sign = hasProblem
    ? { tone: "bad", icon: "alert-triangle" }
    : connected > 0
      ? GOOD
      : OFF;
  return {
    key: "clients",
    word:
      count === 0 ? message("account.link_no_clients") : message("account.link_clients", { count }),
    detail: count === 0 ? null : message("account.clients_connected", { connected, all: count }),
    ...sign,
    to: `/clients?account=${encodeURIComponent(account.name)}`,
  };
}
