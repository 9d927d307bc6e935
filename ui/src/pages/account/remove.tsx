/** An account goes for good. Says what goes and what stays. */
import { Button, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Decision } from "../../components/decision";
import { isKey } from "../../components/keys";
import { OptionRow, Options } from "../../components/option";
import type { AccountStatus } from "../../generated/schema";
import { toast } from "../../shell/toast";
import { useDo } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { useWords } from "../../words/context";
import { message } from "../../words/words";

/** One that is online is removed only by its name. */
export function Remove({ account }: { account: AccountStatus }) {
  const words = useWords();
  const isLive = useIsLive();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState("");
  const remove = useDo("account_remove");
  const { name, online } = account;
  const mayBe = !online || typed === name;
  const agree = async () => {
    if (!mayBe || remove.running) return;
    try {
      await remove.run({ account: name });
      toast({ said: message("account.removed", { account: name }) });
      await navigate({ to: "/" });
    } catch {
      // The dialog says why.
    }
  };
  const verb = words.t("account.remove_verb", { account: name });
  return (
    <>
      <Options label={words.t("account.remove")}>
        <OptionRow
          title={message("account.remove")}
          meaning={message("account.remove_meaning")}
          control={() => (
            <Button c="bad" disabled={!isLive} onClick={() => setAsking(true)}>
              {verb}
            </Button>
          )}
        />
      </Options>
      <Decision
        danger
        opened={asking}
        title={words.t("account.remove_question", { account: name })}
        verb={verb}
        running={remove.running}
        disabled={!mayBe}
        touched={typed !== ""}
        problem={remove.problem}
        onAgree={() => void agree()}
        onClose={() => {
          setAsking(false);
          setTyped("");
        }}
      >
        <p>{words.t("account.remove_goes")}</p>
        {account.core ? <p style={{ marginTop: 8 }}>{words.t("account.remove_folder")}</p> : null}
        <p style={{ marginTop: 8 }}>{words.t("account.remove_stays")}</p>
        {online ? (
          <TextInput
            mt={16}
            label={words.t("account.remove_type")}
            placeholder={name}
            spellCheck={false}
            autoComplete="off"
            styles={{ input: { fontFamily: "var(--mono)" } }}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (isKey(event, "Enter")) void agree();
            }}
          />
        ) : null}
      </Decision>
    </>
  );
}
