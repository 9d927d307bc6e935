/** Language, start with the system, tray, the end. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { OptionRow, Options, type Result, SwitchRow } from "../../components/option";
import { Seg } from "../../components/seg";
import type { UiLanguage } from "../../generated/schema";
import { useShellStatus } from "../../shell/shell-status";
import { useShellDo } from "../../store/calls";
import { useSpeech, useWords } from "../../words/context";
import { nameOfLanguage } from "../../words/language";
import { message } from "../../words/words";
import { Outcome } from "./outcome";
import { usePreferences } from "./preferences";

const LANGUAGES: UiLanguage[] = ["auto", "zh-CN", "en"];

/** The page speaks the new language once it is saved. */
export function General() {
  const { words, wish } = useSpeech();
  const { preferences, disabled, change, result, problem } = usePreferences();
  const autostart = useAutostart();
  const shell = useShellStatus();
  /** Whose result stands under the section: that of the last change. */
  const [last, setLast] = useState<"preferences" | "autostart">("preferences");
  const options = LANGUAGES.map((value) => ({
    value,
    label:
      value === "auto" ? (
        words.t("settings.language_auto")
      ) : (
        <span lang={value}>{nameOfLanguage(value)}</span>
      ),
  }));
  const choose = (language: UiLanguage) => {
    const named =
      language === "auto" ? message("settings.language_auto") : nameOfLanguage(language);
    setLast("preferences");
    change({ language }, message("settings.what_language", { language: named }));
  };
  return (
    <>
      <Options label={words.t("settings.general")}>
        <OptionRow
          title={message("settings.language")}
          meaning={message("settings.language_meaning")}
          control={() => (
            <Seg
              label={words.t("settings.language")}
              value={preferences?.language ?? wish}
              options={options}
              disabled={disabled || !preferences}
              onChange={choose}
            />
          )}
        />
        {autostart ? (
          <SwitchRow
            title={message("settings.autostart")}
            meaning={autostart.why ?? message("settings.autostart_meaning")}
            problem={autostart.problem}
            checked={autostart.on}
            disabled={autostart.disabled}
            onChange={(on) => {
              setLast("autostart");
              autostart.set(on);
            }}
          />
        ) : null}
        {shell ? (
          <OptionRow
            title={message("settings.tray")}
            meaning={message(shell.tray ? "settings.tray_there" : "settings.tray_missing")}
            control={() => null}
          />
        ) : null}
        {shell ? <Quit ownNode={shell.node.state !== "other"} /> : null}
      </Options>
      {last === "autostart" && autostart ? (
        <Outcome problem={null} result={autostart.result} />
      ) : (
        <Outcome problem={problem} result={result} />
      )}
    </>
  );
}

/** The way to end perpetua, which closing the window does not do: where there is no tray it is the only one. */
function Quit({ ownNode }: { ownNode: boolean }) {
  const words = useWords();
  const quit = useShellDo("quit");
  return (
    <OptionRow
      title={message("settings.quit")}
      meaning={message(ownNode ? "settings.quit_meaning" : "settings.quit_window_meaning")}
      problem={quit.problem}
      control={(described) => (
        <Button
          loading={quit.running}
          onClick={() => void quit.run({}).catch(() => undefined)}
          aria-describedby={described["aria-labelledby"]}
        >
          {words.t("settings.quit_do")}
        </Button>
      )}
    />
  );
}

/** The system's own entry, not a setting of perpetua; null in a browser. */
function useAutostart() {
  const status = useShellStatus();
  const call = useShellDo("autostart_set");
  const [result, setResult] = useState<Result | null>(null);
  if (!status) return null;

  const set = async (enabled: boolean, undone = false) => {
    setResult(null);
    try {
      await call.run({ enabled });
      // What is taken back was the other way round.
      const did = enabled !== undone;
      const what = message(did ? "settings.what_autostart_on" : "settings.what_autostart_off");
      const said = undone
        ? message("settings.undone", { what })
        : message("settings.saved", { what });
      setResult({ said, undo: undone ? undefined : () => void set(!enabled, true) });
    } catch {
      // The reason is in `call.problem`.
    }
  };
  const { state, why } = status.autostart;
  return {
    on: state === "on",
    disabled: state === "unavailable" || call.running,
    why,
    problem: call.problem,
    result,
    set: (enabled: boolean) => void set(enabled),
  };
}
