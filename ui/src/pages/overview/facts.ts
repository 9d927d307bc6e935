/** The line under the headline: how many are online and connected, and what today brought. */
import type { AccountHistory, NodeStatus } from "../../generated/schema";
import { useIsLost } from "../../shell/shell-status";
import { useView } from "../../store/context";
import { useHistory } from "../../store/history";
import { time } from "../../words/amounts";
import { useWords } from "../../words/context";
import { message, type Words } from "../../words/words";

/** Empty until something is known. */
export function useFacts(): string {
  const words = useWords();
  const history = useHistory();
  const status = useView((view) => view.status);
  const oldAt = useView((view) => (view.remembered ? view.changedAt : null));
  const lost = useIsLost();
  if (lost) return words.t("overview.unknown_long");
  if (oldAt !== null) {
    return words.t("app.lost_values", { time: time(words, oldAt, Date.now(), true) });
  }
  return status ? facts(words, status, [...history.values()]) : "";
}

function facts(words: Words, { accounts }: NodeStatus, history: AccountHistory[]): string {
  const online = accounts.filter((account) => account.online).length;
  const clients = accounts.flatMap((account) => account.clients);
  const connected = clients.filter(({ connections }) => connections.length > 0).length;
  const said = words.t("overview.facts", {
    accounts: message("overview.accounts_online", { count: online }),
    clients: message("overview.clients_connected", { count: connected }),
  });
  const isKept = accounts.some(
    ({ enabled, online, clients }) =>
      enabled && !online && clients.some(({ connections }) => connections.length > 0),
  );
  if (isKept) return words.sentences([said, words.t("overview.kept")]);
  const more = today(words, history);
  return more ? words.sentences([said, more]) : said;
}

/** Null as long as nothing came today, or nothing is known of it. */
function today(words: Words, history: AccountHistory[]): string | null {
  const count = history.reduce((sum, account) => sum + account.events_today, 0);
  if (count === 0) return null;
  const clients = history.flatMap((account) => account.clients);
  const lost = history.reduce((sum, account) => sum + account.dropped_today, 0);
  if (lost === 0) return words.t("overview.today", { count });
  // One that lost all of it is named; several, or one that is gone, are not.
  const only = clients.find(({ dropped_today }) => dropped_today === lost);
  return only
    ? words.t("overview.today_lost", { count, lost, client: only.client })
    : words.t("overview.today_lost_several", { count, lost });
}
