/** Step 2 of a QQ account: the address of a signer, tested while it is typed. */
import { TextInput, UnstyledButton } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { CheckLine, Checks } from "../../components/check-line";
import { SavedAs } from "../../components/saved-as";
import { signs, Verdict } from "../../components/signer/verdict";
import { WhatIsSigner } from "../../components/signer/what";
import { useTested } from "../../components/use-tested";
import { problemOf, useCall, useDo } from "../../store/calls";
import { useAccount, usePlatform } from "../../store/context";
import { webAddress } from "../../words/addresses";
import { useWords } from "../../words/context";
import { forgetPlace, type Journey } from "./journey";
import { SignerList } from "./signer-list";
import { StepFrame } from "./step";
import classes from "./welcome.module.css";

/** An untested one may be saved too: it may be down just now. */
export function SignerStep({ journey }: { journey: Journey }) {
  const words = useWords();
  const platform = usePlatform();
  const navigate = useNavigate();
  // It receives already and only cannot send: there is nothing to scan.
  const isOnline = useAccount(journey.account ?? "")?.core?.state === "online";
  const queries = useQueryClient();
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const [replacing, setReplacing] = useState<string | null>(null);
  const url = webAddress(typed);
  const tested = useTested(url === "" ? null : url, (url) => platform.call("signer_test", { url }));
  const signers = useCall("signer_list", {});
  const addSigner = useMutation({
    mutationFn: async (url: string) => {
      if (replacing === null) await platform.call("signer_add", { url });
      else await platform.call("signer_edit", { name: replacing, url });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["signer_list"] }),
  });
  const addAccount = useDo("account_add");

  const goOn = async () => {
    try {
      if (url !== "") {
        await addSigner.mutateAsync(url);
        // Coming back to this step, there is nothing left to add.
        setTyped("");
        setReplacing(null);
      }
      if (isOnline) return finish();
      if (journey.account !== undefined) return journey.go("scan");
      const { account } = await addAccount.run({ upstream: { kind: "lagrange" } });
      journey.go("scan", { account });
    } catch {
      // Stays here, with the reason.
    }
  };
  const finish = () => {
    forgetPlace();
    void navigate({ to: "/" });
  };
  const works = signs(tested);
  const isTesting = tested.is === "testing";
  const doubted =
    url !== "" && !works && !isTesting ? words.t("welcome.use_all_the_same") : undefined;
  const word = doubted ?? (isOnline ? words.t("welcome.done") : undefined);
  const hasSome = (signers.data?.length ?? 0) > 0;
  return (
    <StepFrame
      journey={journey}
      title={words.t("welcome.signer_title")}
      line={words.t("welcome.signer_line")}
      next={{
        ...(word ? { word } : {}),
        run: () => void goOn(),
        running: addSigner.isPending || addAccount.running,
        problem: (addSigner.error ? problemOf(addSigner.error) : null) ?? addAccount.problem,
        quiet: (url !== "" && !works) || (url === "" && !hasSome),
        // What is still being tested is neither trusted nor doubted yet.
        waits: isTesting,
      }}
    >
      <SignerList
        signers={signers}
        replacing={replacing}
        onChangeAddress={(name) => {
          setReplacing(name);
          field.current?.focus();
        }}
      />
      <TextInput
        ref={field}
        label={
          replacing === null
            ? words.t(hasSome ? "welcome.signer_another" : "welcome.signer_address")
            : words.t("welcome.signer_new_address", { signer: replacing })
        }
        description={<SavedAs typed={typed} address={url} />}
        inputWrapperOrder={["label", "input", "description"]}
        placeholder="https://sign.example/api/sign"
        autoFocus
        spellCheck={false}
        autoComplete="off"
        styles={{ input: { fontFamily: "var(--mono)" } }}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          addSigner.reset();
        }}
      />
      {replacing === null ? null : (
        <UnstyledButton className={classes["link"]} onClick={() => setReplacing(null)}>
          {words.t("welcome.signer_keep", { signer: replacing })}
        </UnstyledButton>
      )}
      <Checks>
        <Verdict tested={tested} again={tested.again} />
        {url === "" && signers.data && !hasSome ? (
          <CheckLine tone="you">{words.t("welcome.signer_none")}</CheckLine>
        ) : null}
      </Checks>
      <WhatIsSigner />
    </StepFrame>
  );
}
