/** How an account stands as a whole: the pill of its card. */
import type { AccountStatus } from "../generated/schema";
import type { AccountTimes } from "../store/view";
import { message } from "../words/words";
import { coreStanding } from "./core";
import { mends, passed, type Standing, standing } from "./standing";
import { upstreamStanding } from "./upstream";

/** How long an upstream may take to say which account it is. */
const ASKING_S = 15;

/** The first that fits: off, its core, its way to the upstream, what the upstream says. */
export function accountStanding(
  account: AccountStatus,
  times: AccountTimes,
  now: number,
): Standing {
  const { name, core, upstream, online } = account;
  if (!account.enabled) {
    return standing("idle", "player-pause", message("state.disabled"), {
      sentence: message("state.account_disabled_long"),
      mend: { word: message("state.do_enable"), deed: { do: "enable", account: name } },
    });
  }
  if (core) {
    const clock = { received: times.core, now };
    const state = coreStanding(name, core, clock);
    if (core.state !== "online" || online || state.tone !== "ok") return state;
    return standing("busy", "loader-2", message("state.checking"), {
      sentence: message("state.core_checking_long"),
    });
  }
  const clock = { received: times.upstream, now };
  if (upstream.state !== "open") return upstreamStanding(account, clock);
  if (online) return standing("ok", "circle-check", message("state.online"));
  if (passed(upstream.since_ms, clock) < ASKING_S) {
    return standing("busy", "loader-2", message("state.checking"), {
      sentence: message("state.upstream_checking_long"),
    });
  }
  return standing("bad", "user-off", message("state.upstream_offline"), {
    sentence: message("state.upstream_offline_long"),
    more: account.problem,
    mend: { ...mends.reconnect(name), word: message("state.do_ask_again") },
  });
}
