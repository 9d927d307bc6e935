/** The settings of a client, saved in place; each change says what it did and can be taken back. */
import { Button, Skeleton } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FRAMEWORKS, frameworkName } from "../../components/connect";
import { Field } from "../../components/field";
import { ProblemNote } from "../../components/note";
import { OptionRow, Options, type Result, ResultLine } from "../../components/option";
import { Late } from "../../components/page";
import { Seg } from "../../components/seg";
import { useTyped } from "../../components/typed";
import type { ClientChange, ClientConfig, Message } from "../../generated/schema";
import { CallFailed } from "../../platform";
import { problemOf, useCall, useDo } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { useWords } from "../../words/context";
import { harmless } from "../../words/harmless";
import { Said } from "../../words/said";
import { type Code, message } from "../../words/words";
import { AddressField } from "./address-field";
import { FORMATS } from "./format";
import { useAddress } from "./port";
import classes from "./settings.module.css";

type Names = { account: string; client: string };

/** Names of settings that can be changed here. */
type Setting = keyof ClientChange;

const WORDS: Record<Setting, { title: Code; meaning: Code }> = {
  listen: { title: "client.listen", meaning: "client.listen_long" },
  url: { title: "client.url", meaning: "client.url_long" },
  roles: { title: "client.roles", meaning: "client.roles_long" },
  heartbeat_s: { title: "client.heartbeat", meaning: "client.heartbeat_long" },
  queue_events: { title: "client.queue_events", meaning: "client.queue_long" },
  queue_bytes: { title: "client.queue_bytes", meaning: "client.queue_long" },
  when_full: { title: "client.when_full", meaning: "client.when_full_long" },
  max_connections: { title: "client.max_connections", meaning: "client.max_connections_long" },
  format: { title: "client.format", meaning: "client.format_long" },
  framework: { title: "client.framework", meaning: "client.framework_long" },
  profile: { title: "client.profile", meaning: "client.profile_long" },
};

const MEGABYTE = 1_000_000;

/** What went wrong, at the setting that it was about. */
type Failure = { setting: Setting; problem: Message };

/** What was shown of what is changed: a change of something else by now is refused. */
function shownOf(config: ClientConfig, change: ClientChange): ClientChange {
  const changed = Object.keys(change) as Setting[];
  return Object.fromEntries(changed.map((setting) => [setting, config[setting]]));
}

function useChanges(names: Names, config: ClientConfig) {
  const queries = useQueryClient();
  const edit = useDo("client_edit", ["client_settings", "guide"]);
  const [result, setResult] = useState<Result | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);

  const change = async (setting: Setting, what: ClientChange, shown: string) => {
    setFailure(null);
    try {
      const instead = shownOf(config, what);
      const { applied, undo, now } = await edit.run({
        ...names,
        change: what,
        instead_of: instead,
      });
      const title: Message = { code: WORDS[setting].title };
      setResult({
        said: message("client.saved", { setting: title, value: shown }),
        pending: applied.pending,
        undo: () => void takeBack(setting, undo, now),
      });
      return true;
    } catch (error) {
      await failed(setting, error);
      return false;
    }
  };
  const takeBack = async (setting: Setting, undo: ClientChange, now: ClientChange) => {
    try {
      const { applied } = await edit.run({ ...names, change: undo, instead_of: now });
      const title: Message = { code: WORDS[setting].title };
      setResult({
        said: message("client.taken_back", { setting: title }),
        pending: applied.pending,
      });
    } catch (error) {
      await failed(setting, error);
    }
  };
  const failed = async (setting: Setting, error: unknown) => {
    setResult(null);
    setFailure({ setting, problem: reasonOf(error) });
    // It may be something else by now.
    await queries.invalidateQueries({ queryKey: ["client_settings"] });
  };
  return { change, result, failure, running: edit.running };
}

/** The first fault that the settings would have; it says more than that there is one. */
function reasonOf(error: unknown): Message {
  const first = error instanceof CallFailed ? error.error?.problems?.[0] : undefined;
  return first?.message ?? problemOf(error);
}

/** Numbers and texts are saved when the field is left or with Enter. */
export function ClientSettingsTab(names: Names) {
  const config = useCall("client_settings", names);
  if (config.error) {
    return <ProblemNote problem={problemOf(config.error)} again={() => void config.refetch()} />;
  }
  if (!config.data) {
    return (
      <Late>
        <Skeleton height={56} />
        <Skeleton height={280} mt={12} />
      </Late>
    );
  }
  return <Settings names={names} config={config.data} />;
}

function Settings({ names, config }: { names: Names; config: ClientConfig }) {
  const words = useWords();
  const isLive = useIsLive();
  const { change, result, failure } = useChanges(names, config);
  const row = (setting: Setting) => ({
    title: { code: WORDS[setting].title },
    meaning: { code: WORDS[setting].meaning },
    problem: failure?.setting === setting ? failure.problem : null,
  });
  const numeric = (setting: "heartbeat_s" | "queue_events" | "queue_bytes" | "max_connections") => {
    const unit = setting === "queue_bytes" ? MEGABYTE : 1;
    return (
      <OptionRow
        {...row(setting)}
        control={(described) => (
          <NumberField
            {...described}
            value={config[setting] / unit}
            failed={failure?.setting === setting}
            disabled={!isLive}
            onSave={(value) =>
              change(setting, { [setting]: Math.round(value * unit) }, String(value))
            }
          />
        )}
      />
    );
  };
  const choice = (
    setting: "when_full" | "format" | "profile" | "roles" | "framework",
    options: { value: string; label: string }[],
  ) => (
    <OptionRow {...row(setting)} control={() => null}>
      <div className={classes["choice"]}>
        <Seg
          label={words.say({ code: WORDS[setting].title })}
          value={config[setting] ?? ""}
          options={options}
          disabled={!isLive}
          onChange={(value) => {
            const label = options.find((option) => option.value === value)?.label ?? value;
            void change(setting, { [setting]: value }, label);
          }}
        />
      </div>
    </OptionRow>
  );
  return (
    <>
      {config.listen === null ? null : (
        <Listen
          names={names}
          listen={config.listen}
          problem={failure?.setting === "listen" ? failure.problem : null}
          onSave={(listen) => void change("listen", { listen }, listen)}
        />
      )}
      <Options label={words.t("client.tab_settings")}>
        {config.url === null ? null : (
          <OptionRow
            {...row("url")}
            {...(config.kind === "post" ? { meaning: message("client.post_url_long") } : {})}
            control={(described) => (
              <Field
                {...described}
                value={config.url ?? ""}
                disabled={!isLive}
                failed={failure?.setting === "url"}
                width={220}
                problem={null}
                onSave={(url) => change("url", { url }, url)}
              />
            )}
          />
        )}
        {config.urls.length === 0 ? null : <Urls urls={config.urls} />}
        {config.roles === null
          ? null
          : choice("roles", [
              { value: "universal", label: words.t("client.roles_universal") },
              { value: "split", label: words.t("client.roles_split") },
            ])}
        {choice(
          "framework",
          FRAMEWORKS.map((value) => ({ value, label: frameworkName(words, value) })),
        )}
        {numeric("heartbeat_s")}
        {numeric("queue_events")}
        {numeric("queue_bytes")}
        {choice("when_full", [
          { value: "drop-oldest", label: words.t("client.drop_oldest") },
          { value: "disconnect", label: words.t("client.disconnect") },
        ])}
        {config.listen === null ? null : numeric("max_connections")}
        {choice(
          "format",
          Object.entries(FORMATS).map(([value, code]) => ({ value, label: words.say({ code }) })),
        )}
        {choice("profile", [
          { value: "standard", label: words.t("client.profile_standard") },
          { value: "perpetua", label: words.t("client.profile_perpetua") },
        ])}
      </Options>
      <div className={classes["result"]}>
        <ResultLine result={result} />
      </div>
    </>
  );
}

/** A list of addresses is only shown: their tokens stand beside them in the text of the settings. */
function Urls({ urls }: { urls: string[] }) {
  return (
    <OptionRow
      title={message("client.urls")}
      meaning={message("client.urls_long")}
      problem={null}
      control={() => null}
    >
      <ul className={`${classes["choice"]} mono`}>
        {urls.map((url) => (
          <li key={url}>
            <bdi>{harmless(url)}</bdi>
          </li>
        ))}
      </ul>
    </OptionRow>
  );
}

type NumberProps = {
  value: number;
  disabled: boolean;
  failed: boolean;
  onSave: (value: number) => Promise<boolean>;
  "aria-labelledby": string;
  "aria-describedby": string;
};

function NumberField({ value, disabled, failed, onSave, ...described }: NumberProps) {
  const [wrong, setWrong] = useState(false);
  const save = (typed: string) => {
    const isNumber = /^\d+(\.\d+)?$/.test(typed.trim());
    setWrong(!isNumber);
    return isNumber ? onSave(Number(typed)) : undefined;
  };
  return (
    <Field
      {...described}
      value={String(value)}
      disabled={disabled}
      failed={failed}
      width={110}
      problem={wrong ? message("client.number_wrong") : null}
      onSave={save}
    />
  );
}

type ListenProps = {
  names: Names;
  listen: string;
  problem: Message | null;
  onSave: (listen: string) => void;
};

/** The address is saved with its button or with Enter: a half-typed one may be free, too. */
function Listen({ names, listen, problem, onSave }: ListenProps) {
  const words = useWords();
  const isLive = useIsLive();
  const typed = useTyped(listen, problem !== null);
  const address = useAddress(typed.shown, typed.type, names);
  const isChanged = address.wanted !== listen;
  const shown = isChanged ? address : { ...address, line: null, next: null, asksToAgree: false };
  const save = () => {
    typed.asked(typed.shown);
    onSave(address.wanted);
  };
  return (
    <section className={classes["listen"]} aria-label={words.t("client.listen")}>
      <AddressField
        label={words.t("client.listen")}
        address={shown}
        disabled={!isLive}
        notice={typed.overtaken}
        {...(typed.text === null
          ? {}
          : { onEnter: isChanged ? save : typed.drop, onEscape: typed.drop })}
      />
      {isChanged ? (
        <Button disabled={!isLive || !address.isGood} onClick={save}>
          {words.t("client.save_address")}
        </Button>
      ) : (
        <p className={classes["meaning"]}>{words.t("client.listen_long")}</p>
      )}
      {problem ? (
        <p className={classes["problem"]} role="alert">
          <Said message={problem} alone />
        </p>
      ) : null}
    </section>
  );
}
