/** A signer's address, of a new one or another one for one that is there; tested while it is typed. */
import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Checks } from "../../components/check-line";
import { ProblemNote } from "../../components/note";
import type { Result } from "../../components/option";
import { SavedAs } from "../../components/saved-as";
import { signs, Verdict } from "../../components/signer/verdict";
import { WhatIsSigner } from "../../components/signer/what";
import { useTested } from "../../components/use-tested";
import type { SignerStatus } from "../../generated/schema";
import { problemOf } from "../../store/calls";
import { useIsLive, usePlatform } from "../../store/context";
import { webAddress } from "../../words/addresses";
import { useWords } from "../../words/context";
import { nameProblem } from "../../words/names";
import { Said } from "../../words/said";
import { message } from "../../words/words";
import { FormDialog } from "./form-dialog";
import classes from "./signers.module.css";

type Props = {
  /** The one whose address is changed; null: a new one is added. */
  replaced: SignerStatus | null;
  /** Names that a new one cannot have. */
  taken: string[];
  onResult: (result: Result | null) => void;
  /** The address of the named is another one now. */
  onSaved: (name: string) => void;
  onClose: () => void;
};

/** An untested one may be saved too. */
export function AddressDialog({ replaced: known, taken, onResult, onSaved, onClose }: Props) {
  const words = useWords();
  const replaced = known?.name ?? null;
  const platform = usePlatform();
  const isLive = useIsLive();
  const [typed, setTyped] = useState("");
  const [name, setName] = useState("");
  const url = webAddress(typed);
  const tested = useTested(url === "" ? null : url, (url) => platform.call("signer_test", { url }));
  const save = useSave(known);
  const works = signs(tested);
  const wanted = name.trim();
  const misnamed =
    nameProblem(wanted) ??
    (taken.includes(wanted) ? message("config.edit_signer_taken", { signer: wanted }) : null);
  const cannot = !isLive || url === "" || tested.is === "testing" || misnamed !== null;
  const isTouched = typed !== "" || name !== "";

  const run = async () => {
    if (cannot || save.isPending) return;
    onResult(null);
    try {
      const { signer, pending } = await save.mutateAsync({ url, name: wanted });
      onSaved(signer);
      const what = replaced
        ? message("signers.what_changed", { signer: replaced })
        : message("signers.what_added", { signer });
      onResult({ said: message("settings.saved", { what }), pending });
      onClose();
    } catch {
      // The dialog says why.
    }
  };
  const word = replaced ? "signers.use_address" : "signers.add";
  const doubtful = replaced ? "welcome.use_all_the_same" : "signers.add_all_the_same";
  return (
    <FormDialog
      title={
        replaced
          ? words.t("welcome.signer_new_address", { signer: replaced })
          : words.t("state.do_add_signer")
      }
      size={520}
      isTouched={isTouched}
      onSubmit={run}
      onClose={onClose}
    >
      <TextInput
        label={words.t("welcome.signer_address")}
        description={<SavedAs typed={typed} address={url} />}
        inputWrapperOrder={["label", "input", "description"]}
        placeholder="https://sign.example/api/sign"
        data-autofocus
        spellCheck={false}
        autoComplete="off"
        styles={{ input: { fontFamily: "var(--mono)" } }}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          save.reset();
        }}
      />
      <Checks>
        <Verdict tested={tested} again={tested.again} />
      </Checks>
      {replaced ? null : (
        <TextInput
          mt={12}
          label={words.t("signers.name")}
          placeholder={words.t("signers.name_hint")}
          error={misnamed ? <Said alone message={misnamed} /> : null}
          spellCheck={false}
          autoComplete="off"
          value={name}
          onChange={(event) => {
            setName(event.currentTarget.value);
            save.reset();
          }}
        />
      )}
      {replaced ? null : <WhatIsSigner />}
      {save.error ? (
        <div className={classes["problem"]}>
          <ProblemNote problem={problemOf(save.error)} />
        </div>
      ) : null}
      <div className={classes["answers"]}>
        <Button data-cancel onClick={onClose}>
          {words.t("app.cancel")}
        </Button>
        <Button
          type="submit"
          variant={works ? "filled" : "default"}
          loading={save.isPending}
          disabled={cannot}
        >
          {words.t(works || url === "" || tested.is === "testing" ? word : doubtful)}
        </Button>
      </div>
    </FormDialog>
  );
}

/** Gives the name under which it is kept, and what has to wait. */
function useSave(replaced: SignerStatus | null) {
  const platform = usePlatform();
  const queries = useQueryClient();
  // The address that this was opened over.
  const [seen, setSeen] = useState(replaced?.mark);
  return useMutation({
    mutationFn: async ({ url, name }: { url: string; name: string }) => {
      if (replaced) {
        const instead = seen === undefined ? {} : { instead_of: seen };
        const edit = { name: replaced.name, url, ...instead };
        const { pending } = await platform.call("signer_edit", edit);
        return { signer: replaced.name, pending };
      }
      const added = await platform.call("signer_add", { url, ...(name ? { name } : {}) });
      return { signer: added.name, pending: added.applied.pending };
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["signer_list"] }),
    // It is said that there is another one by now: what is typed may be saved over that.
    onError: async () => {
      await queries.refetchQueries({ queryKey: ["signer_list"] });
      const list = queries.getQueryData<SignerStatus[]>(["signer_list", {}]);
      setSeen(list?.find(({ name }) => name === replaced?.name)?.mark);
    },
  });
}
