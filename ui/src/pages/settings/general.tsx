/** Language, start with the system, tray, the end. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { OptionRow, Options, type Result, ResultLine, SwitchRow } from "../../components/option";
import { Seg } from "../../components/seg";
import type { Message, UiLanguage } from "../../generated/schema";
import { useShellStatus } from "../../shell/shell-status";
import { useShellDo } from "../../store/calls";
import { usePlatform } from "../../store/context";
import { useSpeech, useWords } from "../../words/context";
import { nameOfLanguage } from "../../words/language";
import { message } from "../../words/words";
import { Outcome } from "./outcome";
import { usePreferences } from "./preferences";

const LANGUAGES: UiLanguage[] = ["auto", "zh-CN", "en"];

/** What a window has, or a browser. */
export function General() {
  return usePlatform().kind === "window" ? <OfWindow /> : <OfBrowser />;
}

type LanguageProps = {
  meaning: Message;
  value: UiLanguage;
  disabled: boolean;
  onChoose: (language: UiLanguage, what: Message) => void;
};

function LanguageRow({ meaning, value, disabled, onChoose }: LanguageProps) {
  const words = useWords();
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
    onChoose(language, message("settings.what_language", { language: named }));
  };
  return (
    <OptionRow
      title={message("settings.language")}
      meaning={meaning}
      control={() => (
        <Seg
          label={words.t("settings.language")}
          value={value}
          options={options}
          disabled={disabled}
          onChange={choose}
        />
      )}
    />
  );
}

/** Another browser, and whoever sits before it, keeps its own language. */
function OfBrowser() {
  const { words, wish, speak } = useSpeech();
  const [result, setResult] = useState<Result | null>(null);
  const choose = (language: UiLanguage, what: Message) => {
    speak(language);
    setResult({ said: message("settings.saved", { what }) });
  };
  return (
    <>
      <Options label={words.t("settings.general")}>
        <LanguageRow
          meaning={message("settings.language_of_browser")}
          value={wish}
          disabled={false}
          onChoose={choose}
        />
      </Options>
      <ResultLine result={result} />
    </>
  );
}

/** The page speaks the new language once it is saved. */
function OfWindow() {
  const { words, wish } = useSpeech();
  const { preferences, disabled, change, result, problem } = usePreferences();
  const autostart = useAutostart();
  const shell = useShellStatus();
  /** Whose result stands under the section: that of the last change. */
  const [last, setLast] = useState<"preferences" | "autostart">("preferences");
  return (
    <>
      <Options label={words.t("settings.general")}>
        <LanguageRow
          meaning={message("settings.language_meaning")}
          value={preferences?.language ?? wish}
          disabled={disabled || !preferences}
          onChoose={(language, what) => {
            setLast("preferences");
            change({ language }, what);
          }}
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
