/** How a core stands, in words. */
import type { CoreAway, CoreStatus, Message } from "../generated/schema";
import { roughly } from "../words/amounts";
import { message } from "../words/words";
import { braked } from "./braked";
import { progressOf } from "./installation";
import { type Clock, holds, left, mends, never, passed, type Standing, standing } from "./standing";

/** A core that has been away this long may be started anew by a person. */
const PATIENCE_S = 30;

/** The code of QQ that most often means a signer of another version. */
const UNFIT_SIGNER = 45;

/** Every state that a core has. */
export function coreStanding(account: string, core: CoreStatus, clock: Clock): Standing {
  if (core.away !== null && comesAndGoes(core)) {
    // A start that is under way is not begun anew.
    const mend = core.state === "backoff" ? mends.tryNow(account) : null;
    return outage(core.away, mend, clock);
  }
  switch (core.state) {
    case "stopped":
      return standing("idle", "player-stop", message("state.core_stopped"), {
        sentence: message("state.core_stopped_long"),
        mend: mends.start(account),
      });
    case "absent":
      return absent(account, core, clock);
    case "installing":
      return standing("busy", "download", message("state.core_installing"), {
        sentence: progressOf(core.progress, clock),
      });
    case "signer_problem":
      return withoutSigner(account, core, clock);
    case "starting":
      return starting(core.phase);
    case "waiting_for_scan": {
      const { code, codes_max: most, expires_in_s } = core.qr;
      return standing("you", "qrcode", message("state.scan"), {
        sentence: message("state.scan_long"),
        more: message("state.scan_code", { code, most, seconds: left(expires_in_s, clock) }),
        mend: mends.loginPage(account, message("state.do_show_code")),
      });
    }
    case "waiting_for_confirm":
      return confirming(account, core);
    case "refused":
      return refused(account, core.refusal);
    case "online":
      return online(account, core, clock);
    case "kicked_offline":
      return standing("busy", "user-off", message("state.kicked"), {
        sentence: message("state.kicked_long", { reason: core.reason }),
      });
    case "reconnecting": {
      const away = passed(core.since_ms, clock);
      const restart = {
        word: message("state.do_restart"),
        deed: { do: "restart", account },
      } as const;
      return standing("busy", "plug-connected-x", message("state.core_reconnecting"), {
        sentence: message("state.core_reconnecting_long", { duration: roughly(away) }),
        more: core.reason,
        mend: away >= PATIENCE_S ? restart : null,
      });
    }
    case "stopping":
      return standing("idle", "loader-2", message("state.core_stopping"), {
        sentence: message("state.core_stopping_long"),
      });
    case "backoff": {
      const { failures: count, retry_in_s } = core;
      const seconds = left(retry_in_s, clock);
      if (core.reason?.code === "core.no_progress") {
        return standing("busy", "clock-exclamation", message("state.no_headway"), {
          sentence: message("state.no_headway_long", { seconds }),
          more: core.reason,
          mend: mends.tryNow(account),
        });
      }
      return standing("busy", "clock-pause", message("state.backoff"), {
        sentence: message("state.backoff_long", { count, seconds }),
        more: core.reason,
        mend: mends.tryNow(account),
      });
    }
    case "braked":
      return braked(account, core);
    default:
      return never(core);
  }
}

/** Since when it stands as it does: an outage lasts however often the state changes meanwhile. */
export function coreSince(core: CoreStatus): number {
  return core.away !== null && comesAndGoes(core) ? core.away.since_ms : core.since_ms;
}

/** Whether the state is one of those that come and go while QQ cannot be reached. */
function comesAndGoes(core: CoreStatus): boolean {
  return core.state === "backoff" || core.state === "starting" || core.state === "stopping";
}

function outage(away: CoreAway, mend: Standing["mend"], clock: Clock): Standing {
  const duration = roughly(passed(away.since_ms, clock));
  const rest = { more: away.reason, mend };
  switch (away.kind) {
    case "no_network":
      return standing("busy", "wifi-off", message("state.no_network"), {
        sentence: message("state.no_network_long", { duration }),
        ...rest,
      });
    case "qq_unreachable":
      return standing("busy", "cloud-off", message("state.qq_unreachable"), {
        sentence: message("state.qq_unreachable_long", { duration }),
        ...rest,
      });
    default:
      return never(away.kind);
  }
}

type In<S extends CoreStatus["state"]> = Extract<CoreStatus, { state: S }>;

function absent(account: string, core: CoreStatus & In<"absent">, clock: Clock): Standing {
  const install = { word: message("state.do_install"), deed: { do: "install_core" } } as const;
  switch (core.why) {
    case "unconfirmed":
      return standing("you", "fingerprint", message("state.core_unconfirmed"), {
        sentence: message("state.core_unconfirmed_long"),
        mend: mends.core(account, message("state.do_compare")),
      });
    case "not_allowed":
      return standing("you", "package-off", message("state.core_absent"), {
        sentence: message("state.core_absent_long"),
        mend: install,
      });
    case "failed": {
      const sentence =
        core.retry_in_s === null
          ? message("state.core_not_installed")
          : message("state.core_not_installed_retry", { seconds: left(core.retry_in_s, clock) });
      return standing("you", "package-off", message("state.core_absent"), {
        sentence,
        more: causeOf(core.message),
        mend: { ...install, word: message("state.do_install_now") },
      });
    }
    default:
      return never(core.why);
  }
}

/** Why, without the count of seconds that stood still when it was told. */
function causeOf(said: Message): Message {
  const cause = said.params?.["cause"];
  return typeof cause === "object" && !Array.isArray(cause) ? cause : said;
}

function withoutSigner(account: string, core: In<"signer_problem">, clock: Clock): Standing {
  if (core.none_configured) {
    return standing("bad", "signature-off", message("state.signer_missing"), {
      sentence: message("state.signer_missing_long"),
      mend: mends.addSigner(account),
    });
  }
  return standing("you", "cloud-off", message("state.signer_none_works"), {
    sentence: message("state.signer_none_works_long", { seconds: left(core.retry_in_s, clock) }),
    more: causeOf(core.message),
    mend: mends.signers(account, message("state.do_see_why")),
  });
}

function starting(phase: In<"starting">["phase"]): Standing {
  switch (phase) {
    case "preparing":
      return standing("busy", "loader-2", message("state.preparing"), {
        sentence: message("state.preparing_long"),
      });
    case "launched":
      return standing("busy", "loader-2", message("state.launched"), {
        sentence: message("state.launched_long"),
      });
    case "session":
      return standing("busy", "loader-2", message("state.session"), {
        sentence: message("state.session_long"),
      });
    case "connecting":
      return standing("busy", "loader-2", message("state.getting_code"), {
        sentence: message("state.getting_code_long"),
      });
    case "logging_in":
      return standing("busy", "loader-2", message("state.logging_in"), {
        sentence: message("state.logging_in_long"),
      });
    case "opening_link":
      return standing("busy", "loader-2", message("state.opening_link"), {
        sentence: message("state.opening_link_long"),
      });
    default:
      return never(phase);
  }
}

function confirming(account: string, { who, expected }: In<"waiting_for_confirm">): Standing {
  if (expected !== null) {
    const sentence =
      who === null
        ? message("state.other_scanned_unknown", { expected })
        : message("state.other_scanned", { who, expected });
    return standing("bad", "user-exclamation", message("state.wrong_account"), {
      sentence,
      mend: { word: message("state.do_new_code"), deed: { do: "restart", account } },
    });
  }
  return standing("you", "device-mobile-check", message("state.confirm"), {
    sentence:
      who === null ? message("state.confirm_unknown") : message("state.confirm_long", { who }),
    mend: mends.loginPage(account, message("app.open")),
  });
}

function refused(account: string, refusal: In<"refused">["refusal"]): Standing {
  switch (refusal.kind) {
    case "server": {
      const { code, tag, message: words } = refusal;
      if (code === UNFIT_SIGNER) {
        return standing("bad", "shield-x", message("state.refused"), {
          sentence: message("state.refused_unfit_signer", { code }),
          mend: mends.loginPage(account, message("state.do_see_why")),
        });
      }
      return standing("bad", "shield-x", message("state.refused"), {
        sentence: message("state.refused_long", { code, tag, words }),
        mend: mends.login(account),
      });
    }
    case "wrong_account": {
      const { expected, scanned } = refusal;
      return standing("bad", "user-exclamation", message("state.wrong_account"), {
        sentence: message("state.wrong_account_long", { expected, scanned }),
        mend: { ...mends.login(account), word: message("state.do_scan_again") },
      });
    }
    case "wrong_session": {
      const { expected, found } = refusal;
      return standing("bad", "user-exclamation", message("state.wrong_account"), {
        sentence: message("state.wrong_session_long", { expected, found }),
        mend: mends.loginPage(account, message("state.do_see_why")),
      });
    }
    default:
      return never(refusal);
  }
}

function online(account: string, core: CoreStatus & In<"online">, clock: Clock): Standing {
  const { signer_problem: problem, blocked_for_s: blocked } = core;
  if (!problem && blocked !== null) {
    const passedSince = (clock.now - clock.received) / 1000;
    return standing("busy", "clock-pause", message("state.online"), {
      sentence: message("state.core_blocked", { duration: roughly(blocked + passedSince) }),
      mend: mends.signers(account, message("state.do_see_why")),
    });
  }
  if (!problem) return standing("ok", "circle-check", message("state.online"));
  if (holds(problem, "signer.none_configured")) {
    return standing("you", "signature-off", message("state.cannot_send"), {
      sentence: message("state.cannot_send_no_signer"),
      mend: mends.addSigner(account),
    });
  }
  return standing("you", "signature-off", message("state.cannot_send"), {
    sentence: message("state.cannot_send_long"),
    more: problem,
    mend: mends.signers(account, message("state.do_change_signer")),
  });
}
