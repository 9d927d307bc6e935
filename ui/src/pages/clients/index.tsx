/** Clients: one place for each framework, compared in a table, opened in a drawer. */
import { Button, Select, Skeleton } from "@mantine/core";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type KeyboardEvent, useMemo } from "react";
import { Icon } from "../../components/icon";
import { isKey } from "../../components/keys";
import { Empty, Late, Page } from "../../components/page";
import { useIsLive, useStatus, useView } from "../../store/context";
import { useHistory } from "../../store/history";
import { useNow } from "../../store/ticker";
import { useWords } from "../../words/context";
import { harmless } from "../../words/harmless";
import { AddDialog } from "./add";
import classes from "./clients.module.css";
import { ClientDrawer } from "./drawer";
import { keyOf, type Row, rowsOf, stateKey, wished } from "./rows";
import { ClientTable, rowId } from "./table";

/** Where arrows have a meaning of their own. */
const HAS_ARROWS = "input, textarea, select, [role=tab], [role=radio], [role=option], pre";

const EVERYTHING = "";

/** The list, the drawer of the address, the dialog of the address. */
export function Clients() {
  const words = useWords();
  const navigate = useNavigate();
  const isLive = useIsLive();
  const wish = useSearch({ from: "/clients" });
  const { account, client } = useParams({ strict: false });
  const rows = useRows();
  const shown = rows ? wished(rows, wish) : [];
  const open = account && client ? keyOf(account, client) : null;

  const search = (change: Partial<typeof wish>) =>
    void navigate({ to: ".", search: (kept) => clean({ ...kept, ...change }), replace: true });
  const openRow = (row: Row) =>
    void navigate({
      to: "/clients/$account/$client",
      params: { account: row.account, client: row.client.name },
      search: (kept) => kept,
      replace: open !== null,
    });
  const close = () => {
    void navigate({ to: "/clients", search: ({ tab: _, ...kept }) => kept });
    if (open) requestAnimationFrame(() => document.getElementById(rowId(open))?.focus());
  };
  const pressed = (event: KeyboardEvent) => {
    const { target } = event;
    if (event.defaultPrevented || !(target instanceof Element)) return;
    if (isKey(event, "Escape") && open) {
      event.preventDefault();
      close();
    }
    const steps = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (steps === undefined || event.altKey || target.closest(HAS_ARROWS)) return;
    const focused = shown.findIndex(({ key }) => rowId(key) === target.id);
    const place = focused >= 0 ? focused : shown.findIndex(({ key }) => key === open);
    const next = shown[place + steps];
    if (place < 0 || !next) return;
    event.preventDefault();
    if (focused >= 0) document.getElementById(rowId(next.key))?.focus();
    if (open) openRow(next);
  };

  const add = () => search({ add: true });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrows of the rows and of the drawer arrive here
    <div className={classes["whole"]} onKeyDown={pressed}>
      <Page
        title={words.t("app.clients")}
        line={words.t("client.about")}
        actions={
          <Button
            variant="filled"
            leftSection={<Icon name="plus" size={16} />}
            disabled={!isLive}
            aria-label={words.t("client.add")}
            className={classes["add"] ?? ""}
            onClick={add}
          >
            <span className={classes["word"]}>{words.t("client.add")}</span>
          </Button>
        }
      >
        {rows === null ? (
          <Late>
            <Skeleton height={34} radius="lg" />
            <Skeleton height={240} mt={8} radius="lg" />
          </Late>
        ) : rows.length === 0 ? (
          <NoClients onAdd={add} />
        ) : (
          <>
            <Filters rows={rows} wish={wish} onChange={search} />
            <div data-frozen={!isLive}>
              {shown.length === 0 ? (
                <Empty
                  title={words.t("client.none_fit")}
                  action={
                    <Button onClick={() => search({ account: undefined, state: undefined })}>
                      {words.t("client.show_all")}
                    </Button>
                  }
                />
              ) : (
                <ClientTable
                  rows={shown}
                  wish={wish}
                  onSort={(sort) => search({ sort })}
                  open={open}
                />
              )}
            </div>
          </>
        )}
      </Page>
      {account && client ? (
        <ClientDrawer account={account} client={client} tab={wish.tab} onClose={close} />
      ) : null}
      {wish.add ? (
        <AddDialog account={wish.account} onClose={() => search({ add: undefined })} />
      ) : null}
    </div>
  );
}

/** What is undefined does not stand in the address. */
function clean<T extends object>(search: T): T {
  const kept = Object.entries(search).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as T;
}

/** Null until anything is known. */
function useRows(): Row[] | null {
  const status = useStatus();
  const rates = useView((view) => view.rates);
  const history = useHistory();
  const now = useNow();
  return useMemo(
    () => (status ? rowsOf(status, { history, rates }, now) : null),
    [status, history, rates, now],
  );
}

type FiltersProps = {
  rows: Row[];
  wish: { account?: string; state?: string };
  onChange: (change: { account?: string | undefined; state?: string | undefined }) => void;
};

function Filters({ rows, wish, onChange }: FiltersProps) {
  const words = useWords();
  const accounts = [...new Set(rows.map(({ account }) => account))];
  const states = new Map(
    rows.map(({ standing }) => [stateKey(standing), words.say(standing.word)]),
  );
  const chosen = (value: string | null) => (value ? value : undefined);
  return (
    <div className={classes["filters"]}>
      <Select
        aria-label={words.t("client.account")}
        value={wish.account ?? EVERYTHING}
        data={[
          { value: EVERYTHING, label: words.t("client.all_accounts") },
          ...accounts.map((name) => ({ value: name, label: harmless(name) })),
        ]}
        onChange={(value) => onChange({ account: chosen(value) })}
      />
      <Select
        aria-label={words.t("client.state")}
        value={wish.state ?? EVERYTHING}
        data={[
          { value: EVERYTHING, label: words.t("client.all_states") },
          ...[...states].map(([value, label]) => ({ value, label })),
        ]}
        onChange={(value) => onChange({ state: chosen(value) })}
      />
    </div>
  );
}

function NoClients({ onAdd }: { onAdd: () => void }) {
  const words = useWords();
  const isLive = useIsLive();
  return (
    <Empty
      title={words.t("client.none")}
      action={
        <Button variant="filled" size="lg" disabled={!isLive} onClick={onAdd}>
          {words.t("client.add")}
        </Button>
      }
    >
      {words.t("client.none_long")}
    </Empty>
  );
}
