/** The steps of a login with what they took. */

import { Icon } from "../../components/icon";
import type { IconName } from "../../components/icons";
import type { CoreStatus } from "../../generated/schema";
import type { Tone } from "../../state/standing";
import { useNow } from "../../store/ticker";
import { roughly } from "../../words/amounts";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { message } from "../../words/words";
import classes from "./login.module.css";
import { progressOf, type Step, type StepName } from "./progress";

const LOOKS: Record<Step["state"], { tone: Tone; icon: IconName }> = {
  done: { tone: "ok", icon: "circle-check" },
  current: { tone: "busy", icon: "loader-2" },
  skipped: { tone: "idle", icon: "circle-minus" },
  later: { tone: "idle", icon: "circle-dashed" },
};

const NAMES = {
  signer: message("qr.step_signer"),
  launch: message("qr.step_launch"),
  session: message("qr.step_session"),
  scan: message("qr.step_scan"),
  confirm: message("qr.step_confirm"),
  link: message("qr.step_link"),
} satisfies Record<StepName, unknown>;

/** What a person has to do is amber, what goes on by itself is blue. */
function looksOf(step: Step, core: CoreStatus): { tone: Tone; icon: IconName } {
  if (step.state !== "current") return LOOKS[step.state];
  if (core.state === "waiting_for_scan") return { tone: "you", icon: "qrcode" };
  if (core.state === "waiting_for_confirm") return { tone: "you", icon: "device-mobile-check" };
  return LOOKS.current;
}

/** Nothing when no login goes on. */
export function ProgressList({ core }: { core: CoreStatus }) {
  const words = useWords();
  const now = useNow();
  const steps = progressOf(core);
  if (steps.length === 0) return null;
  return (
    <>
      <h2 className="section-title" style={{ marginTop: 0 }}>
        {words.t("qr.progress")}
      </h2>
      <ol className={classes["steps"]}>
        {steps.map((step) => {
          const looks = looksOf(step, core);
          const waits = step.state === "current" && core.state === "waiting_for_scan";
          const waited = message("qr.waited", { duration: roughly((now - core.since_ms) / 1000) });
          const detail = waits ? waited : step.detail;
          return (
            <li
              key={step.name}
              data-state={step.state}
              aria-current={step.state === "current" ? "step" : undefined}
            >
              <span data-tone={looks.tone} className={classes["sign"]}>
                <Icon name={looks.icon} size={16} />
              </span>
              <span>
                <Said message={NAMES[step.name]} />
              </span>
              <span className={classes["detail"]}>{detail ? <Said message={detail} /> : null}</span>
            </li>
          );
        })}
      </ol>
    </>
  );
}
