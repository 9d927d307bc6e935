/** The rows of the table: what each client is, filtered and sorted as the address says. */
import type {
  AccountHistory,
  AccountRates,
  ClientStatus,
  NodeStatus,
} from "../../generated/schema";
import { addressOf, clientStanding } from "../../state/client";
import { bySeverity, type Standing } from "../../state/standing";

/** One client with what stands in its row. A number that there is none of is null. */
export type Row = {
  key: string;
  account: string;
  client: ClientStatus;
  standing: Standing;
  inPerMinute: number | null;
  outPerMinute: number | null;
  queued: number | null;
  lost: number | null;
};

/** What names a client among all of them, and its row on the page. */
export function keyOf(account: string, client: string): string {
  return `${account}/${client}`;
}

type Known = {
  history: ReadonlyMap<string, AccountHistory>;
  rates: Readonly<Record<string, AccountRates>>;
};

/** Every client, in the order of the settings. */
export function rowsOf({ accounts }: NodeStatus, { history, rates }: Known, now: number): Row[] {
  return accounts.flatMap((account) => {
    const minutesOf = byName(history.get(account.name)?.clients);
    const countedOf = byName(rates[account.name]?.clients);
    return account.clients.map((client): Row => {
      const minutes = minutesOf.get(client.name);
      const counted = countedOf.get(client.name);
      const isConnected = client.connections.length > 0;
      const listens = client.enabled && client.problem === null;
      const waiting = client.connections.reduce((sum, { queued }) => sum + queued, 0);
      return {
        key: keyOf(account.name, client.name),
        account: account.name,
        client,
        standing: clientStanding(client, { account: account.name, online: account.online }, now),
        inPerMinute: isConnected ? (minutes?.events.at(-1) ?? null) : null,
        outPerMinute: isConnected ? (minutes?.actions.at(-1) ?? null) : null,
        queued: listens ? (counted?.queued ?? waiting) : null,
        lost: listens ? Math.max(client.dropped, counted?.dropped ?? 0) : null,
      };
    });
  });
}

function byName<T extends { client: string }>(list: readonly T[] | undefined): Map<string, T> {
  return new Map(list?.map((one) => [one.client, one]));
}

/** What the address says of the list. */
export type Wish = {
  account?: string | undefined;
  /** The key of a state's word. */
  state?: string | undefined;
  /** A column; with `-` before it, the greatest first. */
  sort?: string | undefined;
};

/** What names a state in the address. */
export function stateKey(standing: Standing): string {
  return standing.word.code.replace(/^state\./, "");
}

/** The columns in their order. */
export const COLUMNS = [
  "state",
  "name",
  "account",
  "kind",
  "address",
  "token",
  "in",
  "out",
  "queued",
  "lost",
] as const;

export type Column = (typeof COLUMNS)[number];

/** By what each column is sorted; the token by nothing. */
const ORDER: Record<Exclude<Column, "token">, (a: Row, b: Row) => number> = {
  state: (a, b) => bySeverity(a.standing, b.standing),
  name: (a, b) => a.client.name.localeCompare(b.client.name),
  account: (a, b) => a.account.localeCompare(b.account),
  kind: (a, b) => a.client.kind.localeCompare(b.client.kind),
  address: (a, b) =>
    (addressOf(a.client) ?? "").localeCompare(addressOf(b.client) ?? "", undefined, {
      numeric: true,
    }),
  in: (a, b) => (a.inPerMinute ?? -1) - (b.inPerMinute ?? -1),
  out: (a, b) => (a.outPerMinute ?? -1) - (b.outPerMinute ?? -1),
  queued: (a, b) => (a.queued ?? -1) - (b.queued ?? -1),
  lost: (a, b) => (a.lost ?? -1) - (b.lost ?? -1),
};

/** Whether rows can be sorted by a column. */
export function isSortable(column: Column): column is Exclude<Column, "token"> {
  return column !== "token";
}

/** The column and the direction of a wish; null if it names none. */
export function sortOf({ sort }: Wish): { column: Exclude<Column, "token">; down: boolean } | null {
  const down = sort?.startsWith("-") ?? false;
  const name = COLUMNS.find((column) => column === (down ? sort?.slice(1) : sort));
  return name && isSortable(name) ? { column: name, down } : null;
}

/** The wish after a click on a head: up, then down, then the order of the settings. */
export function nextSort(wish: Wish, column: Column): string | undefined {
  const present = sortOf(wish);
  if (present?.column !== column) return column;
  return present.down ? undefined : `-${column}`;
}

/** The rows that are wished for, in the order that is. */
export function wished(rows: Row[], wish: Wish): Row[] {
  const kept = rows.filter(
    (row) =>
      (!wish.account || row.account === wish.account) &&
      (!wish.state || stateKey(row.standing) === wish.state),
  );
  const sort = sortOf(wish);
  if (!sort) return kept;
  const sign = sort.down ? -1 : 1;
  return kept.toSorted((a, b) => sign * ORDER[sort.column](a, b));
}
