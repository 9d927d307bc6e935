/** The address and token of a program, tested while they are typed. */
import { PasswordInput, TextInput } from "@mantine/core";
import { Again, CheckLine, Checks } from "../../components/check-line";
import { Icon } from "../../components/icon";
import { SavedAs } from "../../components/saved-as";
import { useTested } from "../../components/use-tested";
import type { UpstreamReport } from "../../generated/schema";
import { usePlatform } from "../../store/context";
import { webSocketAddress } from "../../words/addresses";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { factsOf } from "./upstream-facts";
import classes from "./welcome.module.css";

/** What is dialled. */
export type Dialled = { url: string; token: string };

type DialTest = ReturnType<typeof useDialTest>;

/** Nothing is tested for null, or before an address has been typed. */
export function useDialTest(dialled: Dialled | null) {
  const platform = usePlatform();
  const trimmed = dialled && { url: webSocketAddress(dialled.url), token: dialled.token.trim() };
  const subject = trimmed && trimmed.url !== "" ? trimmed : null;
  return useTested<Dialled, UpstreamReport>(subject, ({ url, token }) =>
    platform.call("upstream_test", { url, ...(token ? { token } : {}) }),
  );
}

/** What is saved: the whole address that was tested; before that, what it will be. */
export function wholeAddress(dialled: Dialled, test: DialTest): string {
  const tested = test.is === "told" ? test.report.address : null;
  return tested ?? webSocketAddress(dialled.url);
}

type Props = { dialled: Dialled; onChange: (dialled: Dialled) => void; test: DialTest };

export function DialForm({ dialled, onChange, test }: Props) {
  const words = useWords();
  return (
    <>
      <div className={classes["fields"]}>
        <TextInput
          label={words.t("welcome.address")}
          description={<SavedAs typed={dialled.url} address={wholeAddress(dialled, test)} />}
          inputWrapperOrder={["label", "input", "description"]}
          placeholder="ws://127.0.0.1:3001"
          spellCheck={false}
          autoComplete="off"
          styles={{ input: { fontFamily: "var(--mono)" } }}
          value={dialled.url}
          onChange={(event) => onChange({ ...dialled, url: event.currentTarget.value })}
        />
        <PasswordInput
          label={words.t("welcome.token")}
          placeholder={words.t("welcome.token_hint")}
          autoComplete="off"
          visibilityToggleIcon={({ reveal }) => (
            <Icon name={reveal ? "eye-off" : "eye"} size={16} />
          )}
          visibilityToggleButtonProps={{ "aria-label": words.t("app.reveal") }}
          value={dialled.token}
          onChange={(event) => onChange({ ...dialled, token: event.currentTarget.value })}
        />
      </div>
      <Checks>
        <Verdict test={test} />
      </Checks>
    </>
  );
}

function Verdict({ test }: { test: DialTest }) {
  const words = useWords();
  switch (test.is) {
    case "nothing":
      return null;
    case "testing":
      return <CheckLine tone="busy">{words.t("welcome.testing")}</CheckLine>;
    case "failed":
      return (
        <CheckLine tone="bad">
          <Said alone message={test.problem} /> <Again run={test.again} />
        </CheckLine>
      );
    case "told":
      return (
        <>
          {factsOf(test.report).map(({ tone, said }) => (
            <CheckLine key={said.code} tone={tone}>
              <Said message={said} />
            </CheckLine>
          ))}
          {test.report.problem ? (
            <CheckLine tone="bad">
              <Said alone message={test.report.problem} /> <Again run={test.again} />
            </CheckLine>
          ) : null}
        </>
      );
  }
}
