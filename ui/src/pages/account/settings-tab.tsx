/** The settings of an account, saved in place; each change says what it did and can be taken back. */
import { Button, Skeleton } from "@mantine/core";
import { ProblemNote } from "../../components/note";
import { OptionRow, Options, ResultLine, SwitchRow } from "../../components/option";
import { Late } from "../../components/page";
import type { AccountConfig, AccountStatus } from "../../generated/schema";
import { problemOf, useCall } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { listenAddress, webSocketAddress } from "../../words/addresses";
import { useWords } from "../../words/context";
import { message } from "../../words/words";
import classes from "./account.module.css";
import { CoreSettings } from "./core-settings";
import { kindWord } from "./kind";
import { Remove } from "./remove";
import { NumberRow, TextRow } from "./rows";
import { type Edit, useEdit } from "./use-edit";

export function SettingsTab({ account }: { account: AccountStatus }) {
  const words = useWords();
  const isLive = useIsLive();
  const settings = useCall("account_settings", { account: account.name });
  const edit = useEdit(account.name, settings.data);
  if (settings.error) {
    return (
      <ProblemNote problem={problemOf(settings.error)} again={() => void settings.refetch()} />
    );
  }
  if (!settings.data) {
    return (
      <Late>
        <Skeleton height={224} width={640} maw="100%" radius="lg" />
      </Late>
    );
  }
  const config = settings.data;
  return (
    <div className={classes["settings"]}>
      <Options label={words.t("account.tab_settings")}>
        <SwitchRow
          title={message("account.enabled")}
          meaning={message("account.enabled_meaning")}
          checked={config.enabled}
          disabled={!isLive}
          problem={edit.problemOf("enabled")}
          onChange={edit.enable}
        />
        <OptionRow
          title={message("account.name")}
          meaning={message("account.name_meaning")}
          control={() => <span className="mono">{config.account}</span>}
        />
        <OptionRow
          title={message("account.kind")}
          control={() => <span className="quiet">{words.say(kindWord(config.kind))}</span>}
        />
        <Uin config={config} edit={edit} />
        <Upstream config={config} edit={edit} />
        <NumberRow
          title={message("account.action_timeout")}
          meaning={message("account.action_timeout_meaning")}
          unit={message("account.unit_seconds")}
          value={config.action_timeout_s}
          least={1}
          most={3600}
          field="action_timeout_s"
          edit={edit}
          change={(value) => ({ action_timeout_s: value })}
          said={(value) => message("account.saved_action_timeout", { value })}
        />
      </Options>
      {config.core ? <CoreSettings core={config.core} edit={edit} /> : null}
      <ResultLine result={edit.result} />
      <Remove account={account} />
    </div>
  );
}

type Part = { config: AccountConfig; edit: Edit };

/** A simulator is nobody's account. */
function Uin({ config, edit }: Part) {
  if (config.kind === "simulator") return null;
  const save = (typed: string) => {
    const digits = typed.trim();
    if (!/^\d{0,15}$/.test(digits)) {
      edit.refuse("uin", message("account.uin_not_number"));
      return;
    }
    const said =
      digits === ""
        ? message("account.saved_uin_any")
        : message("account.saved_uin", { value: digits });
    return edit.save("uin", { uin: Number(digits) }, said);
  };
  return (
    <TextRow
      title={message("account.uin")}
      meaning={message("account.uin_meaning")}
      value={config.uin === null ? "" : String(config.uin)}
      field="uin"
      edit={edit}
      onSave={save}
    />
  );
}

function Upstream({ config, edit }: Part) {
  const words = useWords();
  const isLive = useIsLive();
  if (config.kind !== "onebot" && config.kind !== "onebot-reverse") return null;
  const dials = config.kind === "onebot";
  return (
    <>
      <TextRow
        title={message("account.address")}
        meaning={dials ? message("account.address_dialled") : message("account.address_waiting")}
        value={config.address ?? ""}
        field="address"
        edit={edit}
        onSave={(typed) => {
          const value = dials ? webSocketAddress(typed) : listenAddress(typed);
          return edit.save("address", { address: value }, ({ address }) =>
            message("account.saved_address", { value: address ?? value }),
          );
        }}
      />
      {dials ? (
        <>
          <TextRow
            secret
            title={message("account.token")}
            meaning={message("account.token_meaning")}
            placeholder={words.t("account.token_placeholder")}
            value=""
            field="token"
            edit={edit}
            onSave={(typed) =>
              edit.save("token", { token: typed.trim() }, message("account.saved_token"))
            }
          />
          <OptionRow
            title={message("account.no_token")}
            meaning={message("account.no_token_meaning")}
            control={(described) => (
              <Button
                aria-describedby={described["aria-describedby"]}
                disabled={!isLive}
                onClick={() =>
                  void edit.save("token", { token: "" }, message("account.saved_no_token"))
                }
              >
                {words.t("account.no_token_verb")}
              </Button>
            )}
          />
        </>
      ) : null}
    </>
  );
}
