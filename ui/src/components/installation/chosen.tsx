/** A core from a file that is chosen in the system's own dialog. */
import { Button } from "@mantine/core";
import { useDo, useShellDo } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { Icon } from "../icon";
import classes from "./installation.module.css";

type Props = { onBegun: (() => void) | undefined };

/** The window stands on perpetua's machine: what it is given is a path there. */
export function ChosenFile({ onBegun }: Props) {
  const words = useWords();
  const isLive = useIsLive();
  const choose = useShellDo("core_choose");
  const install = useDo("core_install", ["core_list"]);
  const problem = choose.problem ?? install.problem;
  const run = async () => {
    try {
      const { path } = await choose.run({});
      if (path === null) return;
      await install.run({ from: path });
      onBegun?.();
    } catch {
      // It is said below.
    }
  };
  return (
    <div className={classes["file"]}>
      <Button
        variant="filled"
        leftSection={<Icon name="file-import" size={16} />}
        data-autofocus
        loading={choose.running || install.running}
        disabled={!isLive}
        onClick={() => void run()}
      >
        {words.t("cores.choose")}
      </Button>
      <span className={classes["facts"]}>{words.t("cores.choose_meaning")}</span>
      {problem ? (
        <p className={classes["problem"]} role="alert">
          <Said alone message={problem} />
        </p>
      ) : null}
    </div>
  );
}
