/** How the way to an upstream stands, in words. */
import type { AccountStatus, Message } from "../generated/schema";
import { message } from "../words/words";
import {
  AT_PORT,
  type Clock,
  holds,
  KEYRING,
  left,
  mends,
  never,
  type Standing,
  standing,
} from "./standing";

/** What the word stands for where an address is missing. */
function addressOf({ upstream }: AccountStatus): string {
  return upstream.address ?? upstream.kind;
}

/** Every state of a link, for each kind of upstream. */
export function upstreamStanding(account: AccountStatus, clock: Clock): Standing {
  const { upstream, problem } = account;
  const address = addressOf(account);
  switch (upstream.state) {
    case "open":
      if (upstream.kind === "simulator") {
        return standing("ok", "robot", message("state.simulator"));
      }
      return standing("ok", "circle-check", message("state.connected"), {
        sentence: message("state.upstream_open", { address }),
      });
    case "dialling":
      return standing("busy", "loader-2", message("state.dialling"), {
        sentence: message("state.dialling_long", { address }),
      });
    case "waiting":
      return refusing(account) ?? unreachable(account, clock);
    case "closed":
      return closed(account, problem);
    default:
      return never(upstream.state);
  }
}

/** Trying again mends none of these. */
function refusing({ name, problem }: AccountStatus): Standing | null {
  if (holds(problem, "link.wrong_token", "link.token_missing", "link.forbidden_characters")) {
    return standing("bad", "key-off", message("state.wrong_token"), {
      sentence: message("state.upstream_wrong_token"),
      mend: mends.accountSettings(name, message("state.do_change_token")),
    });
  }
  if (holds(problem, "link.not_onebot", "link.bad_address", "link.refused", "link.redirected")) {
    return standing("bad", "plug-x", message("state.wrong_address"), {
      sentence: message("state.upstream_not_onebot"),
      more: problem,
      mend: mends.accountSettings(name, message("state.do_change_address")),
    });
  }
  if (holds(problem, "link.other_account")) {
    return standing("bad", "user-exclamation", message("state.wrong_account"), {
      sentence: message("state.upstream_other_account"),
      more: problem,
      mend: mends.accountSettings(name, message("state.do_change_account")),
    });
  }
  return null;
}

function unreachable(account: AccountStatus, clock: Clock): Standing {
  const address = addressOf(account);
  const seconds = left(account.upstream.retry_in_s ?? 0, clock);
  return standing("you", "plug-connected-x", message("state.unreachable"), {
    sentence: message("state.upstream_unreachable", { address, seconds }),
    mend: mends.reconnect(account.name),
  });
}

function closed(account: AccountStatus, problem: Message | null): Standing {
  const address = addressOf(account);
  if (holds(problem, ...AT_PORT)) {
    return standing("bad", "plug-x", message("state.port_taken"), {
      sentence: message("state.upstream_cannot_listen", { address }),
      more: problem,
      mend: mends.accountSettings(account.name, message("state.do_other_port")),
    });
  }
  if (problem && holds(problem, ...KEYRING)) {
    return standing("bad", "key-off", message("state.keyring"), {
      sentence: problem,
      mend: mends.retryFailed,
    });
  }
  if (account.upstream.kind === "onebot-reverse") {
    return standing("busy", "loader-2", message("state.upstream_awaited"), {
      sentence: message("state.upstream_awaited_long", { address }),
      mend: mends.accountSettings(account.name, message("state.do_what_to_enter")),
    });
  }
  return standing("idle", "circle-dashed", message("state.not_connected"), {
    more: problem,
    mend: { ...mends.reconnect(account.name), word: message("state.do_connect") },
  });
}
