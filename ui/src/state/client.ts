/** How a client stands, in words. */
import type { ClientStatus, Message, NoticeStatus, TargetStatus } from "../generated/schema";
import { roughly } from "../words/amounts";
import { message } from "../words/words";
import {
  AT_PORT,
  bySeverity,
  holds,
  KEYRING,
  type Mend,
  mends,
  type Standing,
  standing,
} from "./standing";

/** What a client belongs to. */
export type Of = { account: string; online: boolean };

/** A refused attempt is worth a word for this long. */
const REFUSED_S = 5 * 60;
/** A framework that was just set up is waited for this long. */
const AWAITED_S = 10 * 60;
/** A program that calls is there for as long after a call. */
const CALLS_S = 10 * 60;
/** A queue that is fuller than this says that the framework does not keep up. */
const FULL = 0.5;

/** Refusals that end when the lines are copied into the framework again. */
const OF_TOKENS = [
  "refused.no_token",
  "refused.wrong_token",
  "refused.token_undefined",
  "refused.token_elsewhere",
];

/** Where a client is dialled (the first address, and how many more), listens, or wanted to before its port was taken. */
export function addressOf({ listen, targets, problem }: ClientStatus): string | null {
  const wanted = problem?.params?.["address"];
  const [first, ...others] = targets;
  if (first) return others.length === 0 ? first.address : `${first.address} +${others.length}`;
  return listen ?? (typeof wanted === "string" ? wanted : null);
}

/** The first that fits. */
export function clientStanding(
  client: ClientStatus,
  { account, online }: Of,
  now: number,
): Standing {
  const open = (tab: string, word: Message): Mend => ({
    word,
    deed: {
      do: "go",
      to: `/clients/${encodeURIComponent(account)}/${encodeURIComponent(client.name)}?tab=${tab}`,
    },
  });
  if (!client.enabled) {
    return standing("idle", "player-pause", message("state.disabled"), {
      sentence: message("state.client_disabled_long"),
      mend: {
        word: message("state.do_enable"),
        deed: { do: "enable_client", account, client: client.name },
      },
    });
  }
  if (client.problem && holds(client.problem, ...KEYRING)) {
    return standing("bad", "key-off", message("state.keyring"), {
      sentence: client.problem,
      mend: mends.retryFailed,
    });
  }
  if (client.problem) {
    const atPort = holds(client.problem, ...AT_PORT);
    return standing(
      "bad",
      atPort ? "plug-x" : "alert-triangle",
      atPort ? message("state.port_taken") : message("state.problem"),
      {
        sentence: client.problem,
        mend: open(
          "settings",
          atPort ? message("state.do_other_port") : message("state.do_settings"),
        ),
      },
    );
  }
  const { connections, listen } = client;
  if (connections.length > 0 && !online) {
    return standing("idle", "player-pause", message("state.kept"), {
      sentence: message("state.kept_long"),
    });
  }
  const [target] = client.targets;
  const toFramework = open("connect", message("state.do_check_framework"));
  // What it does not take is why its events are lost.
  if (target?.posts?.paused) return postStanding(target, toFramework);
  if (isSlow(client)) {
    const queued = connections.reduce((sum, one) => sum + one.queued, 0);
    return standing("you", "alert-circle", message("state.too_slow"), {
      sentence: message("state.too_slow_long", { queued, lost: client.dropped_last_minute }),
      mend: open("connections", message("state.do_connections")),
    });
  }
  if (target?.posts) return postStanding(target, toFramework);
  const away = awayStanding(client, toFramework);
  if (away) return away;
  const refused = lastRefusal(client.notices, now);
  if (refused) {
    // Who is connected already is well; another one is not.
    const isUsed = connections.length > 0;
    const when = roughly(now / 1000 - refused.last_unix_s);
    const sentence = message("state.client_refused", { when, why: refused.message });
    return isOfToken(refused)
      ? standing(
          "you",
          "key-off",
          isUsed ? message("state.connected_wrong_token") : message("state.wrong_token"),
          {
            sentence,
            mend: open("connect", message("state.do_copy_lines")),
          },
        )
      : standing(
          "you",
          "plug-x",
          isUsed ? message("state.connected_turned_away") : message("state.turned_away"),
          {
            sentence,
            mend: open("connections", message("state.do_connections")),
          },
        );
  }
  if (connections.length > 0) return standing("ok", "circle-check", message("state.connected"));
  if (client.kind === "leased" || listen === null) {
    return standing("idle", "circle-dashed", message("state.lease_idle"), {
      sentence: message("state.lease_idle_long"),
    });
  }
  if (client.kind === "http") return callerStanding(client, listen, open, now);
  const isNew = (now - client.since_ms) / 1000 < AWAITED_S;
  return standing(
    isNew ? "busy" : "idle",
    isNew ? "loader-2" : "circle-dashed",
    message("state.awaited"),
    {
      sentence: message("state.awaited_long", { listen }),
      mend: open("connect", message("state.do_how_to_connect")),
    },
  );
}

/** How a framework stands that events are posted to. */
function postStanding(target: TargetStatus, mend: Mend): Standing {
  const { address, state, problem, posts } = target;
  if (state === "open") return standing("ok", "circle-check", message("state.post_taken"));
  if (state === "refused" || state === "unnamed") return targetStanding(target, mend);
  if (posts?.paused && problem) {
    // One that nobody has started is nothing to act on.
    const isUnstarted = problem.code === "post.nobody_here";
    return standing(isUnstarted ? "idle" : "you", "player-pause", message("state.post_paused"), {
      sentence: message("state.post_paused_long", { problem }),
      mend,
    });
  }
  if (problem && posts?.again) {
    return standing("busy", "loader-2", message("state.post_again"), {
      sentence: message("state.post_again_long", { problem }),
      mend,
    });
  }
  if (problem) {
    return standing("you", "alert-circle", message("state.post_failed"), {
      sentence: message("state.post_failed_long", { problem }),
      mend,
    });
  }
  return standing("busy", "loader-2", message("state.post_trying"), {
    sentence: message("state.post_trying_long", { address }),
  });
}

/** How a program stands that calls over HTTP and keeps no connection. */
function callerStanding(
  { called_ms }: ClientStatus,
  listen: string,
  open: (tab: string, word: Message) => Mend,
  now: number,
): Standing {
  if (called_ms === null) {
    return standing("idle", "circle-dashed", message("state.uncalled"), {
      sentence: message("state.uncalled_long", { listen }),
      mend: open("connect", message("state.do_how_to_connect")),
    });
  }
  const age = (now - called_ms) / 1000;
  const isUsed = age < CALLS_S;
  return standing(
    isUsed ? "ok" : "idle",
    isUsed ? "circle-check" : "circle-dashed",
    message(isUsed ? "state.called" : "state.awaited"),
    { sentence: message("state.called_long", { when: roughly(age) }) },
  );
}

/** How one of several addresses stands. */
export function addressStanding(target: TargetStatus): Standing {
  return target.state === "open"
    ? standing("ok", "circle-check", message("state.connected"))
    : targetStanding(target, null);
}

/** Of the frameworks that are dialled and not connected, the one in most need; none where others are and it has none. */
function awayStanding({ targets, connections }: ClientStatus, mend: Mend): Standing | null {
  const isUsed = connections.length > 0;
  const away = isUsed ? targets.filter(({ state }) => state !== "open") : targets;
  const standings = away.map((target) => {
    const one = targetStanding(target, mend);
    const { sentence: what } = one;
    if (targets.length === 1 || what === null) return one;
    return { ...one, sentence: message("state.of_address", { address: target.address, what }) };
  });
  const worst = standings.sort(bySeverity)[0] ?? null;
  const needsYou = worst?.tone === "bad" || worst?.tone === "you";
  return isUsed && (targets.length === 1 || !needsYou) ? null : worst;
}

/** How a framework stands that is dialled and is not connected. */
function targetStanding(target: TargetStatus, mend: Mend | null): Standing {
  const { address, state, problem } = target;
  if (state === "refused" && problem) {
    return standing("bad", "key-off", message("state.framework_refused"), {
      sentence: problem,
      mend,
    });
  }
  if (state === "unnamed" && problem) {
    return standing("busy", "loader-2", message("state.framework_unnamed"), { sentence: problem });
  }
  if (problem?.code === "dial.nobody_here") {
    return standing("idle", "circle-dashed", message("state.framework_unstarted"), {
      sentence: message("state.framework_unstarted_long", { address }),
      mend,
    });
  }
  if (state === "waiting" && problem) {
    return standing("you", "plug-connected-x", message("state.unreachable"), {
      sentence: message("state.framework_unreachable_long", { problem }),
      mend,
    });
  }
  // A half that waits for the other one says so.
  const awaits = problem?.code === "dial.awaits_api" ? problem : null;
  return standing("busy", "loader-2", message("state.dialling"), {
    sentence: awaits ?? message("state.framework_dialling_long", { address }),
  });
}

function isSlow(client: ClientStatus): boolean {
  const isFull = client.connections.some(
    ({ queued, queued_bytes }) =>
      queued > client.queue_events * FULL || queued_bytes > client.queue_bytes * FULL,
  );
  // What was lost while nobody was there, or while events went nowhere, is no matter of its speed.
  const { connections, dropped_last_minute: lost } = client;
  const isThere =
    client.kind === "post" ? connections.some(({ dropped }) => dropped > 0) : connections.length > 0;
  return isFull || (isThere && lost > 0);
}

/** The newest attempt that was turned away, if it is recent. */
export function lastRefusal(notices: NoticeStatus[], now: number): NoticeStatus | null {
  const refusals = notices.filter(({ message }) => message.code.startsWith("refused."));
  return refusals.find((notice) => now / 1000 - notice.last_unix_s < REFUSED_S) ?? null;
}

/** Whether somebody was turned away for the token. */
export function isOfToken({ message }: NoticeStatus): boolean {
  return OF_TOKENS.includes(message.code);
}
