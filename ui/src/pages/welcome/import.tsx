/** An old installation is taken over: its folder, then what was taken and what was not. */
import { TextInput } from "@mantine/core";
import { useState } from "react";
import { Icon } from "../../components/icon";
import type { IconName } from "../../components/icons";
import type { Imported, Message } from "../../generated/schema";
import type { Tone } from "../../state/standing";
import { useDo } from "../../store/calls";
import { useStatus } from "../../store/context";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import type { Journey } from "./journey";
import { StepFrame } from "./step";
import classes from "./welcome.module.css";

export function ImportStep({ journey }: { journey: Journey }) {
  const words = useWords();
  const accounts = useStatus()?.accounts;
  const [folder, setFolder] = useState("");
  const [imported, setImported] = useState<Imported | null>(null);
  const take = useDo("import");
  const run = async () => {
    const wanted = folder.trim();
    if (!wanted) return;
    try {
      setImported(await take.run({ folder: wanted }));
    } catch {
      // Stays here, with the reason under the field.
    }
  };
  const goOn = (account: string) => {
    const isOnline = accounts?.find(({ name }) => name === account)?.online;
    journey.go(isOnline ? "connect" : "scan", { way: "qq", account });
  };
  return (
    <StepFrame
      journey={journey}
      title={words.t("welcome.import_title")}
      line={words.t("welcome.import_line")}
      next={
        imported
          ? { run: () => goOn(imported.account) }
          : {
              word: words.t("welcome.import_run"),
              run: () => void run(),
              running: take.running,
            }
      }
    >
      {imported ? (
        <Result imported={imported} />
      ) : (
        <TextInput
          label={words.t("welcome.import_folder")}
          description={words.t("welcome.import_folder_meaning")}
          placeholder="/home/bot/Lagrange.OneBot"
          autoFocus
          spellCheck={false}
          autoComplete="off"
          styles={{ input: { fontFamily: "var(--mono)" } }}
          value={folder}
          error={take.problem ? <Said alone message={take.problem} /> : null}
          onChange={(event) => {
            setFolder(event.currentTarget.value);
            take.forget();
          }}
        />
      )}
    </StepFrame>
  );
}

function Result({ imported }: { imported: Imported }) {
  const words = useWords();
  return (
    <div role="status">
      <List
        title={words.t("welcome.taken", { account: imported.account })}
        said={imported.taken}
        tone="ok"
        icon="circle-check"
      />
      <List
        title={words.t("welcome.not_taken")}
        said={imported.not_taken}
        tone="you"
        icon="circle-minus"
      />
    </div>
  );
}

type ListProps = { title: string; said: Message[]; tone: Tone; icon: IconName };

function List({ title, said, tone, icon }: ListProps) {
  if (said.length === 0) return null;
  return (
    <>
      <h2 className="section-title">{title}</h2>
      <ul className={classes["results"]} data-tone={tone}>
        {said.map((one, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes
          <li key={place}>
            <Icon name={icon} size={16} />
            <span>
              <Said alone message={one} />
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
