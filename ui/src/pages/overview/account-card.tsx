/** One account: how it stands, what mends it, and who is connected to it. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Avatar } from "../../components/avatar";
import { CoreNotice } from "../../components/core-notice";
import { ProblemNote, StateNote } from "../../components/note";
import { Spark } from "../../components/spark";
import { StatePill } from "../../components/state";
import { Since } from "../../components/time";
import type { AccountHistory, AccountStatus, Message } from "../../generated/schema";
import { accountStanding } from "../../state/account";
import { clientStanding } from "../../state/client";
import { coreSince } from "../../state/core";
import { bySeverity, type Standing } from "../../state/standing";
import { useAccount, useView } from "../../store/context";
import { lastMinute } from "../../store/history";
import { useNow } from "../../store/ticker";
import { duration, number, time } from "../../words/amounts";
import { useWords } from "../../words/context";
import { Name } from "../../words/said";
import { AccountChain } from "./account-chain";
import { AccountMenu } from "./account-menu";
import { ClientRow } from "./client-row";
import classes from "./overview.module.css";

/** With more clients than this, the worst of them are shown and the rest counted. */
const MOST_ROWS = 5;
const SHOWN_ROWS = 4;

type Props = { name: string; folded: boolean; history: AccountHistory | undefined };

/** Draws again with its own account and each second, not with the others. */
export function AccountCard({ name, folded, history }: Props) {
  const account = useAccount(name);
  const times = useView((view) => view.times[name]);
  const now = useNow();
  const [failed, setFailed] = useState<{ problem: Message; during: string } | null>(null);
  if (!account || !times) return null;
  const state = accountStanding(account, times, now);
  const isWell = state.tone === "ok";
  return (
    <section className={`card ${classes["account"]}`} aria-label={account.nickname ?? name}>
      <Header
        account={account}
        state={state}
        history={history}
        onProblem={(problem) => setFailed(problem && { problem, during: state.word.code })}
      />
      {failed?.during === state.word.code ? (
        <div className={classes["note"]}>
          <ProblemNote problem={failed.problem} />
        </div>
      ) : null}
      {folded ? null : (
        <>
          {isWell ? <AccountChain account={account} /> : null}
          {state.sentence && !isWell ? (
            <div className={classes["note"]}>
              <StateNote standing={state} />
            </div>
          ) : null}
          {[account.core?.slow_signer, account.core?.notice].map((notice) =>
            notice ? (
              <div key={notice.code} className={classes["note"]}>
                <CoreNotice notice={notice} />
              </div>
            ) : null,
          )}
          <Clients account={account} history={history} now={now} />
        </>
      )}
    </section>
  );
}

type HeaderProps = {
  account: AccountStatus;
  state: Standing;
  history: AccountHistory | undefined;
  /** Why something of the menu was not done. */
  onProblem: (problem: Message | null) => void;
};

function Header({ account, state, history, onProblem }: HeaderProps) {
  const words = useWords();
  const isSimulator = account.upstream.kind === "simulator";
  const named = account.nickname ?? (isSimulator ? words.t("state.simulator") : account.name);
  const kind =
    account.upstream.kind === "lagrange"
      ? "Lagrange"
      : isSimulator
        ? null
        : words.t("overview.kind_onebot");
  const ids = [account.self_id, account.name, kind].filter((part) => part !== null);
  const isOnline = account.online;
  const received = lastMinute(history?.events);
  const sent = lastMinute(history?.actions);
  return (
    <header className={classes["header"]}>
      <Avatar name={named} colourBy={account.name} simulator={isSimulator} />
      <div className={classes["who"]}>
        <div className={classes["name"]}>
          <Link to="/accounts/$account" params={{ account: account.name }} className="cut">
            <Name of={named} />
          </Link>
          <StatePill standing={state} />
          <span className={`${classes["since"]} xs faint`}>
            <HowLong account={account} state={state} />
          </span>
        </div>
        <div className={`${classes["ids"]} num`}>{ids.join(" · ")}</div>
      </div>
      {isOnline && received !== null && sent !== null && !isSimulator ? (
        <>
          <span className={`${classes["rate"]} num`}>
            <Spark values={history?.events ?? []} />
            <span>
              <b>{number(words, received)}</b> {words.t("overview.in_rate")}
            </span>
          </span>
          <span className={`${classes["rate"]} ${classes["out"]} num`}>
            <Spark values={history?.actions ?? []} />
            <span>
              <b>{number(words, sent)}</b> {words.t("overview.out_rate")}
            </span>
          </span>
        </>
      ) : null}
      <span className={classes["end"]}>
        <AccountMenu account={account} onProblem={onProblem} />
      </span>
    </header>
  );
}

/** For how long; of what is not well also since when. */
function HowLong({ account, state }: { account: AccountStatus; state: Standing }) {
  const words = useWords();
  const now = useNow();
  if (state.tone === "ok") return <Since at={account.since_ms} />;
  const at = account.core ? coreSince(account.core) : account.since_ms;
  return (
    <span className="num">
      {words.t("overview.since", {
        time: time(words, at, now),
        duration: duration(words, (now - at) / 1000),
      })}
    </span>
  );
}

type ClientsProps = { account: AccountStatus; history: AccountHistory | undefined; now: number };

function Clients({ account, history, now }: ClientsProps) {
  const words = useWords();
  const all = account.clients.map((client) => {
    const state = clientStanding(client, { account: account.name, online: account.online }, now);
    return { client, state };
  });
  if (all.length === 0) {
    return (
      <p className={classes["none"]}>
        {words.t("overview.no_clients")}{" "}
        <Link to="/clients" search={{ add: true, account: account.name }}>
          {words.t("overview.add_client")}
        </Link>
      </p>
    );
  }
  const isMany = all.length > MOST_ROWS;
  const shown = isMany
    ? all.toSorted((a, b) => bySeverity(a.state, b.state)).slice(0, SHOWN_ROWS)
    : all;
  return (
    <>
      <ul>
        {shown.map(({ client, state }, place) => (
          <ClientRow
            key={client.name}
            account={account}
            client={client}
            state={state}
            history={history?.clients.find((one) => one.client === client.name)}
            last={!isMany && place === shown.length - 1}
          />
        ))}
      </ul>
      {isMany ? (
        <p className={classes["none"]}>
          <Link to="/clients" search={{ account: account.name }}>
            {words.t("overview.more_clients", { count: all.length - SHOWN_ROWS })}
          </Link>
        </p>
      ) : null}
    </>
  );
}
