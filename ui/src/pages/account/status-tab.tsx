/** What happened to an account, and how its core runs. */
import { Button, Skeleton } from "@mantine/core";
import { memo, type ReactNode, useState } from "react";
import { Icon } from "../../components/icon";
import type { IconName } from "../../components/icons";
import { Note, ProblemNote } from "../../components/note";
import { Empty, Late } from "../../components/page";
import type {
  AccountStatus,
  CorePhase,
  CoreStatus,
  HappeningTone,
  Message,
} from "../../generated/schema";
import { problemOf, useCall } from "../../store/calls";
import { useView } from "../../store/context";
import { bytes, time } from "../../words/amounts";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { took } from "../../words/took";
import { message } from "../../words/words";
import { LastLines } from "../login/last-lines";
import classes from "./account.module.css";

/** As many as are kept. */
const HAPPENINGS = 200;

/** As many as are drawn at first, and more each time somebody asks. */
const SHOWN = 50;

const ICONS: Record<HappeningTone, IconName> = {
  ok: "circle-check",
  busy: "refresh",
  you: "alert-circle",
  bad: "circle-x",
  idle: "circle-minus",
};

export function StatusTab({ account }: { account: AccountStatus }) {
  const words = useWords();
  const { core } = account;
  return (
    <>
      {account.upstream.remarks.map((remark) => (
        <div key={remark.code} style={{ marginBottom: 16 }}>
          <Note tone="you" icon="alert-triangle" title={remark} />
        </div>
      ))}
      <div className={classes["status"]} data-alone={core === null}>
        <section aria-labelledby="account-history">
          <h2 id="account-history" className="section-title">
            {words.t("account.history")}
          </h2>
          <History account={account} />
        </section>
        {core ? (
          <section aria-labelledby="account-process">
            <h2 id="account-process" className="section-title">
              {words.t("account.process")}
            </h2>
            <Process core={core} />
            {core.phases.length > 0 ? <LastLogin phases={core.phases} /> : null}
          </section>
        ) : null}
        {core?.state === "braked" ? (
          <div className={classes["last"]}>
            <LastLines lines={core.last_lines} />
          </div>
        ) : null}
      </div>
    </>
  );
}

/** Newest first; what has come since stands before what was asked for. */
function History({ account }: { account: AccountStatus }) {
  const words = useWords();
  const [shown, setShown] = useState(SHOWN);
  const fresh = useView((view) => view.lately);
  const happenings = useCall("happenings", { limit: HAPPENINGS });
  if (happenings.error) {
    return (
      <ProblemNote problem={problemOf(happenings.error)} again={() => void happenings.refetch()} />
    );
  }
  if (!happenings.data) {
    return (
      <Late>
        <Skeleton height={20} mb={10} />
        <Skeleton height={20} mb={10} width="80%" />
        <Skeleton height={20} width="90%" />
      </Late>
    );
  }
  const before = happenings.data.filter(({ id }) => !fresh.some((one) => one.id === id));
  const own = [...fresh, ...before]
    .filter((happening) => happening.account === account.name)
    .toSorted((a, b) => b.id - a.id);
  if (own.length === 0) return <Empty title={words.t("happened.nothing")} />;
  const more = own.length - shown;
  return (
    <>
      <ol className={classes["history"]}>
        {own.slice(0, shown).map((happening) => (
          <li key={happening.id} data-tone={happening.tone}>
            <time className="num faint" dateTime={new Date(happening.time_ms).toISOString()}>
              <At moment={happening.time_ms} />
            </time>
            <span className={classes["sign"]}>
              <Icon name={ICONS[happening.tone]} size={16} />
            </span>
            <span>
              {happening.client === null ? null : <b className="medium">{happening.client} </b>}
              <Said alone={happening.client === null} message={happening.message} />
            </span>
          </li>
        ))}
      </ol>
      {more > 0 ? (
        <Button mt={8} onClick={() => setShown((before) => before + SHOWN)}>
          {words.t("account.history_more")}
        </Button>
      ) : null}
    </>
  );
}

/** A time that is over; only another day, not another second, writes it differently. */
const At = memo(function At({ moment }: { moment: number }) {
  const words = useWords();
  return time(words, moment, Date.now());
});

function Process({ core }: { core: CoreStatus }) {
  const words = useWords();
  const { process } = core;
  const unknown = words.t("account.not_measured");
  const starts = Math.max(0, core.generation);
  return (
    <dl className={classes["facts"]}>
      {process ? (
        <>
          <Fact word={message("account.pid")}>{process.pid}</Fact>
          <Fact word={message("account.memory")}>
            {process.memory_bytes === null ? unknown : bytes(process.memory_bytes)}
          </Fact>
          <Fact word={message("account.cpu")}>
            {process.cpu_percent === null
              ? unknown
              : words.t("account.percent", { percent: process.cpu_percent.toFixed(1) })}
          </Fact>
        </>
      ) : (
        <p className="quiet sm">{words.t("account.no_process")}</p>
      )}
      {core.version === null ? null : (
        <Fact word={message("account.core_version")}>{core.version}</Fact>
      )}
      {core.protocol === null ? null : (
        <Fact word={message("account.protocol_used")}>{core.protocol}</Fact>
      )}
      {starts > 0 ? (
        <Fact word={message("account.starts")}>
          {words.t("account.starts_value", { starts, restarts: core.restarts })}
        </Fact>
      ) : null}
    </dl>
  );
}

function LastLogin({ phases }: Pick<CoreStatus, "phases">) {
  const words = useWords();
  return (
    <>
      <h3 className="section-title">{words.t("account.last_login")}</h3>
      <dl className={classes["facts"]}>
        {phases.map(({ phase, took_ms }) => (
          <Fact key={phase} word={PHASES[phase]}>
            <Said message={took(took_ms)} />
          </Fact>
        ))}
      </dl>
    </>
  );
}

const PHASES = {
  preparing: message("account.phase_preparing"),
  launched: message("account.phase_launched"),
  session: message("account.phase_session"),
  connecting: message("account.phase_connecting"),
  logging_in: message("account.phase_logging_in"),
  opening_link: message("account.phase_opening_link"),
} satisfies Record<CorePhase, Message>;

function Fact({ word, children }: { word: Message; children: ReactNode }) {
  return (
    <div>
      <dt className="faint">
        <Said message={word} />
      </dt>
      <dd className="num">{children}</dd>
    </div>
  );
}
