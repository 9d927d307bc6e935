/** What a signer answered, in words. */
import type { SignerReport } from "../generated/schema";
import { message } from "../words/words";
import { holds, type Mend, type Standing, standing } from "./standing";

/** What is known beside the report. */
export type Asked = { asking: boolean; usedBy: string[] };

/** `change` is the button that lets the address be changed. */
export function signerStanding(
  report: SignerReport | null,
  { asking, usedBy }: Asked,
  change: Mend,
): Standing {
  if (asking) return standing("busy", "loader-2", message("state.signer_testing"));
  const name = report?.name;
  const again = name
    ? ({ word: message("app.again"), deed: { do: "test_signer", name } } as const)
    : null;
  if (!report) return standing("idle", "circle-dashed", message("state.signer_untested"));
  const { problem, warning, latency_ms } = report;
  if (!problem) {
    if (warning && holds(warning, "signer.slow_to_sign", "signer.slow_to_answer")) {
      return standing("you", "clock-pause", message("state.signer_slow"), {
        sentence: warning,
        mend: again,
      });
    }
    if (warning && !holds(warning, "signer.no_app_info")) {
      return standing("you", "alert-circle", message("state.signer_doubtful"), {
        sentence: warning,
        mend: change,
      });
    }
    if (warning) {
      return standing("you", "alert-circle", message("state.signer_doubtful"), {
        sentence: message("state.signer_doubtful_long"),
        mend: change,
      });
    }
    const milliseconds = latency_ms ?? 0;
    const word = usedBy.length > 0 ? message("state.signer_in_use") : message("state.signer_works");
    return standing("ok", "circle-check", word, {
      sentence: message("state.signer_latency", { milliseconds }),
    });
  }
  return failing(report, change, again);
}

function failing({ problem }: SignerReport, change: Mend, again: Mend | null): Standing {
  if (holds(problem, "signer.other_platform")) {
    return standing("bad", "circle-x", message("state.signer_other_system"), {
      sentence: message("state.signer_other_system_long"),
      more: problem,
      mend: change,
    });
  }
  if (holds(problem, "io.unknown_host")) {
    return standing("bad", "circle-x", message("state.signer_unknown_host"), {
      sentence: message("state.signer_unknown_host_long"),
      mend: change,
    });
  }
  if (holds(problem, "io.certificate_time", "io.certificate_name", "io.certificate_issuer")) {
    return standing("bad", "lock", message("state.signer_certificate"), {
      sentence: message("state.signer_certificate_long"),
      more: problem,
      mend: change,
    });
  }
  if (holds(problem, "signer.silent", "signer.unreachable")) {
    const sentence = holds(problem, "signer.silent")
      ? message("state.signer_silent_long")
      : message("state.signer_unreachable_long");
    return standing("you", "cloud-off", message("state.signer_silent"), {
      sentence,
      more: problem,
      mend: again,
    });
  }
  if (holds(problem, "signer.out_of_order", "signer.failed", "signer.just_failed")) {
    return standing("you", "cloud-off", message("state.signer_broken"), {
      sentence: message("state.signer_broken_long"),
      more: problem,
      mend: again,
    });
  }
  if (holds(problem, "signer.refused")) {
    return standing("bad", "lock", message("state.signer_refuses"), {
      sentence: message("state.signer_refuses_long"),
      more: problem,
      mend: change,
    });
  }
  if (holds(problem, "signer.incomplete")) {
    return standing("bad", "circle-x", message("state.signer_incomplete"), {
      sentence: message("state.signer_incomplete_long"),
      more: problem,
      mend: change,
    });
  }
  if (holds(problem, "signer.gone", "signer.no_signer")) {
    return standing("bad", "circle-x", message("state.signer_gone"), {
      sentence: message("state.signer_gone_long"),
      more: problem,
      mend: change,
    });
  }
  return standing("idle", "alert-triangle", message("state.signer_unasked"), {
    ...(problem ? { sentence: message("state.signer_unasked_long", { why: problem }) } : {}),
    mend: change,
  });
}
