/** A core from elsewhere: an archive or a folder on perpetua's machine, or the address of a mirror. */
import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { useDo } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { isKey } from "../keys";
import classes from "./installation.module.css";

type Props = {
  onBegun?: (() => void) | undefined;
  onTyped?: ((from: string) => void) | undefined;
};

/** Takes what was typed with Enter too. */
export function InstallFrom({ onBegun, onTyped }: Props) {
  const words = useWords();
  const isLive = useIsLive();
  const [from, setFrom] = useState("");
  const install = useDo("core_install", ["core_list"]);
  const wanted = from.trim();
  const run = () => {
    if (wanted && isLive && !install.running) {
      void install.run({ from: wanted }).then(onBegun, () => undefined);
    }
  };
  return (
    <div className={classes["from"]}>
      <TextInput
        className="grow"
        label={words.t("setup.source")}
        placeholder={words.t("setup.from_hint")}
        description={words.t("setup.from_meaning")}
        error={
          install.problem ? (
            <span role="alert">
              <Said alone message={install.problem} />
            </span>
          ) : null
        }
        spellCheck={false}
        autoComplete="off"
        data-autofocus
        styles={{ input: { fontFamily: "var(--mono)" } }}
        value={from}
        onChange={(event) => {
          setFrom(event.currentTarget.value);
          onTyped?.(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (!isKey(event, "Enter")) return;
          // Enter goes to the next step elsewhere on the page.
          event.preventDefault();
          run();
        }}
      />
      <Button loading={install.running} disabled={!wanted || !isLive} onClick={run}>
        {words.t("setup.install")}
      </Button>
    </div>
  );
}
