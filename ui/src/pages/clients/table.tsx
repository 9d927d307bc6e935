/** All clients as a table; on a phone each is two lines. */
import { UnstyledButton } from "@mantine/core";
import { shallowEqual } from "@mantine/hooks";
import { Link, useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, memo, useEffect, useRef, useState } from "react";
import { Copy } from "../../components/copy";
import { Icon } from "../../components/icon";
import { isKey } from "../../components/keys";
import { StateWord } from "../../components/state";
import { useSaidCopy } from "../../shell/said-copy";
import { addressOf } from "../../state/client";
import { usePlatform } from "../../store/context";
import { number } from "../../words/amounts";
import { useWords } from "../../words/context";
import { harmless } from "../../words/harmless";
import { type Code, message } from "../../words/words";
import { kindWord } from "./kind";
import { COLUMNS, type Column, isSortable, nextSort, type Row, sortOf, type Wish } from "./rows";
import classes from "./table.module.css";

const HEADS: Record<Column, Code> = {
  state: "client.state",
  name: "client.name",
  account: "client.account",
  kind: "client.kind",
  address: "client.address",
  token: "client.token",
  in: "client.in_per_minute",
  out: "client.out_per_minute",
  queued: "client.queued",
  lost: "client.lost",
};

const NUMBERS: Column[] = ["in", "out", "queued", "lost"];
/** Longer lists exist only as far as they are seen. */
const VIRTUAL_FROM = 50;
/** Of a row, as its styles have it. */
const ROW_REM = 2.5;
const DOTS = "••••••";
const NOTHING = "—";

type Props = {
  rows: Row[];
  wish: Wish;
  onSort: (sort: string | undefined) => void;
  /** The key of the row whose drawer is open. */
  open: string | null;
};

/** The element of a row's name, which has the focus when the row has. */
export function rowId(key: string): string {
  return `client ${key}`;
}

/** Rows of 40 px; arrows walk through them, Enter opens. */
export function ClientTable({ rows, wish, onSort, open }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const isVirtual = rows.length > VIRTUAL_FROM;
  const rowHeight = ROW_REM * useRemPixels();
  const virtual = useVirtualizer({
    count: isVirtual ? rows.length : 0,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });
  const seen = isVirtual
    ? virtual.getVirtualItems().map(({ index }) => index)
    : rows.map((_, index) => index);
  const [first = 0, last = -1] = [seen[0], seen.at(-1)];
  const above = isVirtual ? first * rowHeight : 0;
  const below = isVirtual ? (rows.length - 1 - last) * rowHeight : 0;
  const focusable = rows.some(({ key }) => key === open) ? open : rows[0]?.key;
  return (
    <div
      ref={box}
      className={`card ${classes["box"]}`}
      data-virtual={isVirtual}
      style={{ overflow: "auto" }}
    >
      <table className={classes["table"]} aria-rowcount={rows.length + 1}>
        <Head wish={wish} onSort={onSort} />
        <tbody>
          <Gap height={above} />
          {seen.map((index) => {
            const row = rows[index];
            return row ? (
              <ClientRow
                key={row.key}
                row={row}
                place={index}
                isOpen={row.key === open}
                isFocusable={row.key === focusable}
              />
            ) : null;
          })}
          <Gap height={below} />
        </tbody>
      </table>
    </div>
  );
}

/** The names of the columns, drawn again only when the order changes: not while a list scrolls. */
const Head = memo(function Head({ wish, onSort }: Pick<Props, "wish" | "onSort">) {
  const words = useWords();
  const sort = sortOf(wish);
  return (
    <thead>
      <tr>
        {COLUMNS.map((column) => {
          const direction =
            sort?.column === column ? (sort.down ? "descending" : "ascending") : undefined;
          const word = words.say({ code: HEADS[column] });
          return (
            <th
              key={column}
              data-column={column}
              data-number={NUMBERS.includes(column)}
              aria-sort={direction}
            >
              {isSortable(column) ? (
                <UnstyledButton
                  className={classes["head"]}
                  onClick={() => onSort(nextSort(wish, column))}
                >
                  {word}
                  {direction ? (
                    <Icon name={direction === "descending" ? "arrow-down" : "arrow-up"} size={14} />
                  ) : null}
                </UnstyledButton>
              ) : (
                word
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
});

/** The room of the rows that are not there. */
function Gap({ height }: { height: number }) {
  return height > 0 ? (
    <tr aria-hidden style={{ height }}>
      <td colSpan={COLUMNS.length} />
    </tr>
  ) : null;
}

/** What a rem is here: larger with larger letters. Asking for it makes the browser lay out the page. */
function useRemPixels(): number {
  const [pixels, setPixels] = useState(remPixels);
  useEffect(() => {
    const read = () => setPixels(remPixels());
    window.addEventListener("resize", read);
    return () => window.removeEventListener("resize", read);
  }, []);
  return pixels;
}

function remPixels(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
}

type RowProps = { row: Row; place: number; isOpen: boolean; isFocusable: boolean };

/** Whether a row looks as it did: while a list scrolls or events come in, most rows do. */
function isSame(before: RowProps, after: RowProps): boolean {
  const { standing: is, ...facts } = after.row;
  const { standing: was, ...known } = before.row;
  return (
    before.place === after.place &&
    before.isOpen === after.isOpen &&
    before.isFocusable === after.isFocusable &&
    shallowEqual(known, facts) &&
    was.tone === is.tone &&
    was.icon === is.icon &&
    JSON.stringify(was.word) === JSON.stringify(is.word)
  );
}

const ClientRow = memo(function ClientRow({ row, place, isOpen, isFocusable }: RowProps) {
  const words = useWords();
  const platform = usePlatform();
  const navigate = useNavigate();
  const copy = useSaidCopy();
  const { account, client, standing } = row;
  const isLeased = client.kind === "leased";
  const link = {
    to: "/clients/$account/$client",
    params: { account, client: client.name },
    search: ({ add: _, ...kept }: { add?: boolean | undefined }) => kept,
  } as const;
  const read = async () =>
    (await platform.call("token", { account, client: client.name })).token ?? "";
  const amount = (value: number | null) => (value === null ? NOTHING : number(words, value));
  const pressed = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || !isKey(event, "c") || !client.listen) return;
    if (window.getSelection()?.toString()) return;
    event.preventDefault();
    void copy(client.listen, message("app.copied_text", { text: client.listen }));
  };
  const clicked = (event: { target: EventTarget }) => {
    const isControl = event.target instanceof Element && event.target.closest("a, button");
    if (!isControl) void navigate(link);
  };
  return (
    <tr data-open={isOpen} aria-rowindex={place + 2} onClick={clicked}>
      <td data-column="state">
        <StateWord standing={standing} />
      </td>
      <td data-column="name">
        <Link
          {...link}
          id={rowId(row.key)}
          className={classes["name"]}
          aria-current={isOpen ? "true" : undefined}
          tabIndex={isFocusable ? 0 : -1}
          onKeyDown={pressed}
        >
          <bdi>{isLeased ? words.t("client.leased") : harmless(client.name)}</bdi>
        </Link>
      </td>
      <td data-column="account">
        <bdi className={classes["cut"]}>{harmless(account)}</bdi>
      </td>
      <td data-column="kind">{words.say(kindWord(client.kind, true))}</td>
      <td data-column="address">
        <span className={classes["address"]}>
          {client.listen ? (
            <>
              <span className="mono">{client.listen}</span>
              <span className={classes["hover"]}>
                <Copy text={client.listen} label={words.t("client.copy_address")} />
              </span>
            </>
          ) : isLeased ? (
            words.t("client.on_demand")
          ) : (
            <span className={`mono ${classes["url"]}`} title={addressOf(client) ?? undefined}>
              {addressOf(client) ?? NOTHING}
            </span>
          )}
        </span>
      </td>
      <td data-column="token">
        {isLeased ? null : client.has_token ? (
          <span className={classes["token"]}>
            <span className="mono">{DOTS}</span>
            <Copy
              text={read}
              label={words.t(client.kind === "post" ? "client.copy_secret" : "client.copy_token")}
            />
          </span>
        ) : (
          <span className="faint">{words.t("client.no_token")}</span>
        )}
      </td>
      <td data-column="in">{amount(row.inPerMinute)}</td>
      <td data-column="out">{amount(row.outPerMinute)}</td>
      <td data-column="queued">{amount(row.queued)}</td>
      <td data-column="lost" data-some={client.dropped_last_minute > 0}>
        {amount(row.lost)}
      </td>
    </tr>
  );
}, isSame);
