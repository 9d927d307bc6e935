/** Where the page is to be found once perpetua listens at another address; pure. */
import type { Message } from "../generated/schema";
import { message } from "../words/words";

/** Where a page was opened, as `location` has it. */
export type Opened = { protocol: string; hostname: string; port: string };

/** What becomes of the address of a page. */
export type Move =
  /** It is another one. */
  | { is: "elsewhere"; url: string }
  /** It is one that only the computer of perpetua can open. */
  | { is: "only_there"; url: string }
  /** It stays, if what stands before perpetua leads to another target. A session is known by perpetua's port. */
  | { is: "behind_proxy"; listen: string; keepsSessions: boolean };

/** The address of a status, which has a scheme before it, as the settings write it. */
export function listenOf(api: string): string {
  return api.replace(/^http:\/\//, "");
}

/** Whether a problem is a change that waits for the next start, and no fault. */
export function waitsForStart({ code }: Message): boolean {
  return code === "node.needs_restart";
}

/** Whether the address of the pages is such a change. */
export function movesAtStart(problems: Message[]): boolean {
  return problems.some((one) => waitsForStart(one) && one.params?.["setting"] === "[api] listen");
}

/** How a page calls what waits. */
export function waiting(change: Message): Message {
  return movesAtStart([change]) ? message("settings.address_waits") : change;
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
const EVERYWHERE = /^(0\.0\.0\.0|\[::\])$/;
/** Whether it is opened by a name that each computer has for itself: here, or through a tunnel. */
export function isOfThisComputer(host: string): boolean {
  return LOOPBACK.test(host);
}

/** Whether perpetua is reached at every address of its computer. */
export function isEverywhere(listen: string): boolean {
  return EVERYWHERE.test(parts(listen).host);
}

const DEFAULT_PORTS: Record<string, string> = { "http:": "80", "https:": "443" };

function parts(address: string): { host: string; port: string } {
  const end = address.lastIndexOf(":");
  return { host: address.slice(0, end), port: address.slice(end + 1) };
}

/** Null: it can be opened as before, or nobody can tell where it will be. `now` is where perpetua listens. */
export function moveOf(listen: string, now: string, page: Opened): Move | null {
  const [next, present] = [parts(listen), parts(now)];
  if (next.port === "0") return null;
  const stays = next.port === present.port;
  if (stays && (next.host === present.host || EVERYWHERE.test(next.host))) return null;
  const port = page.port || DEFAULT_PORTS[page.protocol];
  // perpetua itself speaks no TLS.
  if (page.protocol === "https:" || port !== present.port) {
    return { is: "behind_proxy", listen, keepsSessions: stays };
  }
  const reaches =
    EVERYWHERE.test(next.host) ||
    next.host === page.hostname ||
    (page.hostname === "localhost" && LOOPBACK.test(next.host));
  if (reaches && stays) return null;
  const url = `http://${reaches ? page.hostname : next.host}:${next.port}/`;
  const isLost = LOOPBACK.test(next.host) && !LOOPBACK.test(page.hostname);
  return { is: isLost ? "only_there" : "elsewhere", url };
}
