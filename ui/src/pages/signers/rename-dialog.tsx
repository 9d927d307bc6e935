/** Another name for a signer; whoever names it names it so afterwards. */
import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { FormDialog } from "../../components/form-dialog";
import { ProblemNote } from "../../components/note";
import type { Result } from "../../components/option";
import type { Message } from "../../generated/schema";
import { problemOf, useDo } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { useWords } from "../../words/context";
import { nameProblem } from "../../words/names";
import { Said } from "../../words/said";
import { message } from "../../words/words";
import classes from "./signers.module.css";

type Props = {
  signer: string;
  onResult: (result: Result | null) => void;
  /** Why it was not taken back, once the dialog is closed. */
  onProblem: (problem: Message) => void;
  onClose: () => void;
};

export function RenameDialog({ signer, onResult, onProblem, onClose }: Props) {
  const words = useWords();
  const isLive = useIsLive();
  const edit = useDo("signer_edit", ["signer_list", "account_settings"]);
  const [typed, setTyped] = useState(signer);
  const wanted = typed.trim();
  const misnamed = nameProblem(wanted);
  const isTouched = wanted !== signer;
  const isChanged = wanted !== "" && isTouched && misnamed === null;

  const run = async () => {
    if (!isChanged || !isLive || edit.running) return;
    onResult(null);
    try {
      const { pending } = await edit.run({ name: signer, rename: wanted });
      const what = message("signers.what_renamed", { signer, name: wanted });
      const back = async () => {
        onResult(null);
        try {
          const { pending } = await edit.run({ name: wanted, rename: signer });
          onResult({ said: message("settings.undone", { what }), pending });
        } catch (error) {
          onProblem(problemOf(error));
        }
      };
      onResult({ said: message("settings.saved", { what }), pending, undo: () => void back() });
      onClose();
    } catch {
      // The dialog says why.
    }
  };
  return (
    <FormDialog
      title={words.t("signers.rename_title", { signer })}
      isTouched={isTouched}
      onSubmit={run}
      onClose={onClose}
    >
      <TextInput
        label={words.t("signers.name")}
        data-autofocus
        spellCheck={false}
        autoComplete="off"
        value={typed}
        error={misnamed ? <Said alone message={misnamed} /> : null}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          edit.forget();
        }}
      />
      {edit.problem ? (
        <div className={classes["problem"]}>
          <ProblemNote problem={edit.problem} />
        </div>
      ) : null}
      <div className={classes["answers"]}>
        <Button data-cancel onClick={onClose}>
          {words.t("app.cancel")}
        </Button>
        <Button
          type="submit"
          variant="filled"
          loading={edit.running}
          disabled={!isLive || !isChanged}
        >
          {words.t("signers.rename")}
        </Button>
      </div>
    </FormDialog>
  );
}
