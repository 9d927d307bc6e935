/** Who is connected to a client, how far each has fallen behind, and who was turned away. */
import { Button, Tooltip } from "@mantine/core";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/note";
import { Empty } from "../../components/page";
import { Tag } from "../../components/state";
import { Since } from "../../components/time";
import type { ClientStatus, ConnectionStatus, NoticeStatus } from "../../generated/schema";
import { LearnMore } from "../../help/learn-more";
import { useDo } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { useNow } from "../../store/ticker";
import { bytes, number, time } from "../../words/amounts";
import { useWords } from "../../words/context";
import { harmless } from "../../words/harmless";
import { Said } from "../../words/said";
import { type Code, message } from "../../words/words";
import classes from "./connections.module.css";

const ROLES: Record<string, Code> = {
  universal: "client.role_universal",
  api: "client.role_api",
  event: "client.role_event",
};

/** A queue that is fuller than this is worth a colour. */
const FULL = 0.5;

/** Numbers go on by themselves. */
export function Connections({ account, client }: { account: string; client: ClientStatus }) {
  const words = useWords();
  const cutting = useDo("client_cut");
  return (
    <>
      {cutting.problem ? <ProblemNote problem={cutting.problem} /> : null}
      {client.connections.length === 0 ? <Empty title={words.t("client.no_connections")} /> : null}
      <ul className={classes["list"]} aria-label={words.t("client.tab_connections")}>
        {client.connections.map((connection) => (
          <Connection
            key={connection.app_id}
            connection={connection}
            client={client}
            onEnd={() =>
              void cutting
                .run({ account, client: client.name, app_id: connection.app_id })
                .catch(() => null)
            }
          />
        ))}
      </ul>
      <Notices notices={client.notices} />
    </>
  );
}

type Props = { connection: ConnectionStatus; client: ClientStatus; onEnd: () => void };

function Connection({ connection, client, onEnd }: Props) {
  const words = useWords();
  const isLive = useIsLive();
  const { name, user_agent, app_id, peer, role, queued, queued_bytes } = connection;
  const fullness = Math.max(queued / client.queue_events, queued_bytes / client.queue_bytes);
  const isLate = fullness > FULL || connection.busy_for_s !== null;
  const word = ROLES[role];
  const facts = [user_agent !== name ? user_agent : null, peer].filter((fact) => fact !== null);
  return (
    <li className={classes["connection"]}>
      <div className={classes["head"]}>
        <b className={classes["name"]}>
          <bdi>{harmless(name ?? user_agent ?? app_id)}</bdi>
        </b>
        {word ? <Tag message={{ code: word }} /> : null}
        <span className="grow" />
        <Tooltip label={words.t("app.not_now")} disabled={isLive}>
          <Button size="xs" disabled={!isLive} onClick={onEnd}>
            {words.t("client.end")}
          </Button>
        </Tooltip>
      </div>
      <p className={classes["facts"]}>
        <span className="mono">{facts.map(harmless).join(" · ")}</span>
        <span className={classes["since"]}>
          {words.t("client.since")} <Since at={connection.since_ms} />
        </span>
      </p>
      <div className={classes["bar"]} aria-hidden data-late={isLate}>
        <span style={{ transform: `scaleX(${Math.min(1, fullness)})` }} />
      </div>
      <dl className={classes["amounts"]}>
        <Amount
          word="client.queued"
          value={words.t("client.queue_of", {
            queued: number(words, queued),
            most: number(words, client.queue_events),
            bytes: bytes(queued_bytes),
          })}
        />
        <Amount
          word="client.lost"
          value={number(words, connection.dropped)}
          isBad={connection.dropped > 0}
        />
        <Amount word="client.sent" value={number(words, connection.sent)} />
      </dl>
      {connection.busy_for_s !== null ? (
        <p className={classes["busy"]}>
          <Icon name="clock-exclamation" size={14} />
          {words.t("client.busy_for", { seconds: connection.busy_for_s })}
        </p>
      ) : null}
    </li>
  );
}

function Amount({ word, value, isBad = false }: { word: Code; value: string; isBad?: boolean }) {
  const words = useWords();
  return (
    <div>
      <dt>{words.say({ code: word })}</dt>
      <dd data-bad={isBad}>{value}</dd>
    </div>
  );
}

/** Whom the port refused, and what got lost, with what to do about it. */
function Notices({ notices }: { notices: NoticeStatus[] }) {
  const words = useWords();
  const now = useNow();
  if (notices.length === 0) return null;
  return (
    <section aria-label={words.t("client.notices")}>
      <h3 className="section-title">{words.t("client.notices")}</h3>
      <ul className={classes["notices"]}>
        {notices.map((notice) => (
          <li key={`${notice.message.code} ${JSON.stringify(notice.message.params)}`}>
            <span data-tone="you" className={classes["icon"]}>
              <Icon
                name={notice.message.code.startsWith("refused.") ? "key-off" : "alert-circle"}
                size={16}
              />
            </span>
            <p>
              <Said message={notice.message} alone />
              <LearnMore about={notice.message} />
              <span className={classes["when"]}>
                {time(words, notice.last_unix_s * 1000, now)}
                {notice.count > 1
                  ? ` · ${words.say(message("client.times", { count: notice.count }))}`
                  : null}
              </span>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
