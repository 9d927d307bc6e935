/** Whether the framework has come yet, as it happens. */
import type {
  AccountStatus,
  ClientStatus,
  Framework,
  NoticeStatus,
  TargetStatus,
} from "../../generated/schema";
import { isOfToken, lastRefusal } from "../../state/client";
import { useIsLive } from "../../store/context";
import { useNow } from "../../store/ticker";
import { roughly } from "../../words/amounts";
import { useWords } from "../../words/context";
import { harmless } from "../../words/harmless";
import { Said } from "../../words/said";
import { message } from "../../words/words";
import { Note } from "../note";
import { Since } from "../time";
import classes from "./connect.module.css";
import { aboutFramework, frameworkName, frameworkOf } from "./frameworks";
import { Targets } from "./targets";

type Props = { account: AccountStatus; client: ClientStatus; framework: Framework };

/** Waiting, connected, or what stands in the way; and who was turned away. */
export function LiveState({ account, client, framework }: Props) {
  const now = useNow();
  const refusal = lastRefusal(client.notices, now);
  return (
    <div className={classes["live"]} aria-live="polite">
      <Standing account={account} client={client} framework={framework} />
      <Targets targets={client.targets} />
      {refusal ? (
        // What counts is not read aloud every second.
        <div aria-live="off">
          <Refused refusal={refusal} framework={framework} now={now} />
        </div>
      ) : null}
    </div>
  );
}

function Standing({ account, client, framework }: Props) {
  const words = useWords();
  const isLive = useIsLive();
  const now = useNow();
  if (!isLive) {
    return <Note tone="idle" icon="question-mark" title={message("connect.unknown")} />;
  }
  if (!client.enabled) {
    return <Note tone="idle" icon="player-pause" title={message("connect.disabled")} />;
  }
  if (client.problem) return <Note tone="bad" icon="alert-triangle" title={client.problem} />;
  const [target] = client.targets;
  if (target?.posts) return <Posting target={target} />;
  const [connection] = client.connections;
  if (connection) {
    // Who came says itself who it is: the lines that are looked at may be another framework's.
    const come = frameworkOf(connection);
    const isOther = come !== null && framework !== "other" && come !== framework;
    const agent = connection.user_agent;
    return (
      <Note tone="ok" icon="circle-check" title={aboutFramework(come ?? "other", "connected")}>
        <span aria-live="off">
          {come === null && agent !== null ? (
            <>
              <bdi>{harmless(agent)}</bdi>
              {" · "}
            </>
          ) : null}
          <Since at={connection.since_ms} />
        </span>
        {isOther ? (
          <p>
            <Said
              message={message("connect.shown_for", { framework: frameworkName(words, framework) })}
            />
          </p>
        ) : null}
        {account.online ? null : (
          <p>
            <Said message={message("connect.account_away")} />
          </p>
        )}
      </Note>
    );
  }
  // Several are told one by one.
  if (client.targets.length > 1) return null;
  if (target) {
    const isRefused = target.state === "refused";
    return (
      <Note
        tone={isRefused ? "bad" : "busy"}
        icon={isRefused ? "key-off" : "loader-2"}
        title={message("connect.dialled", { address: target.address })}
      >
        {target.problem ? (
          <span aria-live="off">
            <Said alone message={target.problem} />
          </span>
        ) : null}
      </Note>
    );
  }
  const address = client.listen ?? "";
  if (client.kind === "http") {
    return client.called_ms === null ? (
      <Note tone="busy" icon="loader-2" title={message("connect.uncalled", { address })} />
    ) : (
      <span aria-live="off">
        <Note
          tone="ok"
          icon="circle-check"
          title={message("connect.called", { ago: roughly((now - client.called_ms) / 1000) })}
        />
      </span>
    );
  }
  return (
    <Note tone="busy" icon="loader-2" title={aboutFramework(framework, "waiting", { address })}>
      <span aria-live="off">
        <Said
          message={message("qr.waited", { duration: roughly((now - client.since_ms) / 1000) })}
        />
      </span>
    </Note>
  );
}

/** Whether the framework takes what is posted. */
function Posting({ target }: { target: TargetStatus }) {
  const { address, state, problem } = target;
  const isTaken = state === "open";
  const tone = isTaken ? "ok" : state === "refused" ? "bad" : "busy";
  const icon = isTaken ? "circle-check" : state === "refused" ? "key-off" : "loader-2";
  const title = message(isTaken ? "connect.posted_taken" : "connect.posted", { address });
  return (
    <Note tone={tone} icon={icon} title={title}>
      {problem ? (
        <span aria-live="off">
          <Said alone message={problem} />
        </span>
      ) : null}
    </Note>
  );
}

type RefusedProps = { refusal: NoticeStatus; framework: Framework; now: number };

function Refused({ refusal, framework, now }: RefusedProps) {
  const ago = roughly(now / 1000 - refusal.last_unix_s);
  if (isOfToken(refusal)) {
    const without = refusal.message.code === "refused.no_token";
    const title = without ? "connect.came_without_token" : "connect.came_with_wrong_token";
    return (
      <Note tone="you" icon="key-off" title={message(title, { ago })}>
        <Said message={aboutFramework(framework, "copy_again")} />
      </Note>
    );
  }
  return (
    <Note tone="you" icon="plug-x" title={message("connect.came_and_was_refused", { ago })}>
      <Said alone message={refusal.message} />
    </Note>
  );
}
