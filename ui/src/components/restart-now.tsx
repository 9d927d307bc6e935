/** Starts perpetua anew, for a change of the settings that waits for it; only in a window that runs it. */
import { Button } from "@mantine/core";
import { useShellStatus } from "../shell/shell-status";
import { toast } from "../shell/toast";
import { useShellDo } from "../store/calls";
import { useIsLive } from "../store/context";
import { useWords } from "../words/context";
import { Said } from "../words/said";
import { message } from "../words/words";
import { Confirm } from "./confirm";

/** Not in a browser: who runs perpetua on a server starts it there. */
export function useCanRestart(): boolean {
  return useShellStatus()?.node.state === "own";
}

/** Asks first. */
export function RestartNow() {
  const words = useWords();
  const isLive = useIsLive();
  const { run, running, problem } = useShellDo("node_retry");
  const restart = async () => {
    try {
      await run({ way: "restart" });
      toast({ said: message("settings.restarted") });
    } catch {
      // The reason is in `problem`.
    }
  };
  return (
    <>
      <Confirm
        question={message("settings.restart_question")}
        verb={message("settings.restart_verb")}
        onConfirm={() => void restart()}
      >
        {(open) => (
          <Button loading={running} disabled={!isLive} onClick={open}>
            {words.t("settings.restart_now")}
          </Button>
        )}
      </Confirm>
      {problem ? (
        <span role="alert">
          <Said message={problem} alone />
        </span>
      ) : null}
    </>
  );
}
