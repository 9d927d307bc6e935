/** The language of the page, changed in place; a window keeps it in the settings, a browser in itself. */
import { Button, Menu } from "@mantine/core";
import { Icon } from "../components/icon";
import { useDo } from "../store/calls";
import { usePlatform } from "../store/context";
import { useSpeech } from "../words/context";
import { nameOfLanguage } from "../words/language";
import type { Language } from "../words/words";

const LANGUAGES: Language[] = ["zh-CN", "en"];

export function LanguageMenu() {
  const { kind } = usePlatform();
  const edit = useDo("preferences_edit", ["preferences_read"]);
  if (kind === "browser") return <LanguageChoice />;
  // The page speaks it in any case; the settings are tried again on their own page.
  return (
    <LanguageChoice onChoose={(language) => void edit.run({ language }).catch(() => undefined)} />
  );
}

/** The same where there are no settings yet: the page alone speaks it. */
export function LanguageChoice({ onChoose }: { onChoose?: (language: Language) => void }) {
  const { words, speak } = useSpeech();
  const choose = (language: Language) => {
    speak(language);
    onChoose?.(language);
  };
  return (
    <Menu position="top-start">
      <Menu.Target>
        <Button
          variant="subtle"
          px={8}
          ml={-8}
          c="var(--text-2)"
          leftSection={<Icon name="language" size={16} />}
          rightSection={<Icon name="chevron-down" size={14} />}
        >
          {nameOfLanguage(words.language)}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {LANGUAGES.map((language) => (
          <Menu.Item key={language} lang={language} onClick={() => choose(language)}>
            {nameOfLanguage(language)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
