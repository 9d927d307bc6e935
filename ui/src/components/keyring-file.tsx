/** The way out of a keyring that gives no secrets: a file of this computer. */
import { Button } from "@mantine/core";
import type { Message } from "../generated/schema";
import { toast } from "../shell/toast";
import { holds, KEYRING } from "../state/standing";
import { useShell, useShellDo } from "../store/calls";
import { useWords } from "../words/context";
import { Said } from "../words/said";
import { message } from "../words/words";
import { Confirm } from "./confirm";

/** Whether a problem is the keyring's. */
export function isOfKeyring(problem: Message | null): boolean {
  return holds(problem, ...KEYRING);
}

/** Beside a problem that is the keyring's; `kept` is told once secrets are kept in a file. */
export function KeyringFile({ kept }: { kept?: (() => void) | undefined }) {
  const shell = useShell();
  // Only the program around the window can start perpetua anew.
  if (shell) return <Keep kept={kept} />;
  return (
    <p>
      <Said message={message("problem.keyring_by_hand")} />
    </p>
  );
}

function Keep({ kept }: { kept?: (() => void) | undefined }) {
  const words = useWords();
  const { run, running, problem } = useShellDo("node_retry");
  const keep = async () => {
    try {
      const { changed } = await run({ way: "secrets_file" });
      if (changed) toast({ said: changed });
      kept?.();
    } catch {
      // The reason is in `problem`.
    }
  };
  return (
    <>
      <Confirm
        question={message("problem.keyring_file_meaning")}
        verb={message("problem.keyring_file_do")}
        onConfirm={() => void keep()}
      >
        {(open) => (
          <Button mt={8} loading={running} onClick={open}>
            {words.t("problem.keyring_file")}
          </Button>
        )}
      </Confirm>
      {problem ? (
        <p role="alert">
          <Said message={problem} alone />
        </p>
      ) : null}
    </>
  );
}
