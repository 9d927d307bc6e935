/** What is told, when nothing is, and whether it arrives at all. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { Note } from "../../components/note";
import { OptionRow, Options, type Result, ResultLine, SwitchRow } from "../../components/option";
import type { NotificationKind } from "../../generated/schema";
import { useShellStatus } from "../../shell/shell-status";
import { useShellDo } from "../../store/calls";
import { usePlatform } from "../../store/context";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { type Code, message } from "../../words/words";
import { Outcome, Unknown } from "./outcome";
import { usePreferences } from "./preferences";
import { QuietHours } from "./quiet-hours";
import classes from "./settings.module.css";
import { Webhooks } from "./webhooks";

const KINDS: Record<NotificationKind, { title: Code; meaning: Code }> = {
  kicked: { title: "settings.kind_kicked", meaning: "settings.kind_kicked_meaning" },
  scan_needed: { title: "settings.kind_scan_needed", meaning: "settings.kind_scan_needed_meaning" },
  stopped: { title: "settings.kind_stopped", meaning: "settings.kind_stopped_meaning" },
  back_online: { title: "settings.kind_back_online", meaning: "settings.kind_back_online_meaning" },
  new_version: { title: "settings.kind_new_version", meaning: "settings.kind_new_version_meaning" },
};

/** A switch for each kind. */
export function Notifications() {
  const words = useWords();
  const { kind } = usePlatform();
  const { preferences, disabled, change, result, problem, again } = usePreferences();
  const kinds = preferences?.notifications.kinds ?? [];
  const set = (kind: NotificationKind, on: boolean) => {
    const wanted = on ? [...kinds, kind] : kinds.filter((one) => one !== kind);
    const named = { kind: { code: KINDS[kind].title } };
    const what = on
      ? message("settings.what_kind_on", named)
      : message("settings.what_kind_off", named);
    change({ notification_kinds: wanted }, what);
  };
  if (!preferences) return <Unknown problem={problem} again={again} />;
  const webhooks = <Webhooks webhooks={preferences.webhooks} disabled={disabled} />;
  if (kind === "browser") {
    return (
      <>
        <Note tone="idle" icon="bell" title={message("settings.notify_in_window")}>
          <Said message={message("settings.notify_by_webhook")} />
        </Note>
        {webhooks}
      </>
    );
  }
  return (
    <>
      <Arrival />
      <Options label={words.t("settings.notify_of")}>
        {(Object.keys(KINDS) as NotificationKind[]).map((kind) => (
          <SwitchRow
            key={kind}
            title={{ code: KINDS[kind].title }}
            meaning={{ code: KINDS[kind].meaning }}
            checked={kinds.includes(kind)}
            disabled={disabled}
            onChange={(on) => set(kind, on)}
          />
        ))}
        <QuietHours
          hours={preferences.notifications.quiet_hours}
          disabled={disabled}
          onChange={change}
        />
      </Options>
      <Outcome problem={problem} result={result} />
      <Test />
      {webhooks}
    </>
  );
}

/** Says it when nothing would be seen. */
function Arrival() {
  const state = useShellStatus()?.notifications.state ?? "works";
  if (state === "works") return null;
  const title = message(
    state === "blocked" ? "settings.notify_blocked" : "settings.notify_no_service",
  );
  return (
    <div className={classes["arrival"]}>
      <Note tone="you" icon="bell" title={title} />
    </div>
  );
}

function Test() {
  const words = useWords();
  const status = useShellStatus();
  const test = useShellDo("notification_test");
  const [result, setResult] = useState<Result | null>(null);
  if (!status) return null;
  const show = async () => {
    setResult(null);
    try {
      await test.run({});
      setResult({ said: message("settings.test_done") });
    } catch {
      // The reason is in `test.problem`.
    }
  };
  return (
    <>
      <Options label={words.t("settings.test")}>
        <OptionRow
          title={message("settings.test")}
          meaning={message("settings.test_meaning")}
          problem={test.problem}
          control={(described) => (
            <Button
              loading={test.running}
              onClick={() => void show()}
              aria-describedby={described["aria-describedby"]}
            >
              {words.t("settings.test_do")}
            </Button>
          )}
        />
      </Options>
      <ResultLine result={result} />
    </>
  );
}
