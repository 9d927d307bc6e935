/** What only an account with a core of ours has. */
import { MultiSelect, NativeSelect } from "@mantine/core";
import { useState } from "react";
import { OptionRow, Options, SwitchRow } from "../../components/option";
import type { AccountCoreConfig } from "../../generated/schema";
import { useCall } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { useWords } from "../../words/context";
import { message } from "../../words/words";
import { NumberRow } from "./rows";
import type { Edit } from "./use-edit";

const MEGABYTE = 1_000_000;
/** The least memory limit that a core can live in. */
const LEAST_MEGABYTES = 250;

/** The QQ clients that a core can be; their names are names. */
const PROTOCOLS = [
  { value: "linux", label: "Linux" },
  { value: "windows", label: "Windows" },
  { value: "macos", label: "macOS" },
];

type Props = { core: AccountCoreConfig; edit: Edit };

export function CoreSettings({ core, edit }: Props) {
  const words = useWords();
  const isLive = useIsLive();
  const megabytes = core.memory_limit === null ? 0 : Math.round(core.memory_limit / MEGABYTE);
  return (
    <Options label={words.t("account.link_core")}>
      <OptionRow
        title={message("account.protocol")}
        meaning={message("account.protocol_meaning")}
        problem={edit.problemOf("protocol")}
        control={(described) => (
          <NativeSelect
            {...described}
            w={140}
            data={PROTOCOLS}
            disabled={!isLive}
            value={core.protocol}
            onChange={(event) => {
              const protocol = event.currentTarget.value;
              const value = PROTOCOLS.find((one) => one.value === protocol)?.label ?? protocol;
              edit.save("protocol", { protocol }, message("account.saved_protocol", { value }));
            }}
          />
        )}
      />
      <Signers core={core} edit={edit} />
      <Asking core={core} edit={edit} />
      <SwitchRow
        title={message("account.auto_start")}
        meaning={message("account.auto_start_meaning")}
        checked={core.auto_start}
        disabled={!isLive}
        problem={edit.problemOf("auto_start")}
        onChange={(auto_start) =>
          edit.save(
            "auto_start",
            { auto_start },
            auto_start
              ? message("account.saved_auto_start")
              : message("account.saved_no_auto_start"),
          )
        }
      />
      <NumberRow
        title={message("account.start_timeout")}
        meaning={message("account.start_timeout_meaning")}
        unit={message("account.unit_seconds")}
        value={core.start_timeout_s}
        least={10}
        most={3600}
        field="start_timeout_s"
        edit={edit}
        change={(value) => ({ start_timeout_s: value })}
        said={(value) => message("account.saved_start_timeout", { value })}
      />
      <NumberRow
        title={message("account.memory_limit")}
        meaning={message("account.memory_limit_meaning")}
        unit={message("account.unit_megabytes")}
        value={megabytes}
        least={LEAST_MEGABYTES}
        most={65_536}
        orNone
        field="memory_limit"
        edit={edit}
        change={(value) => ({ memory_limit: value * MEGABYTE })}
        said={(value) =>
          value === 0
            ? message("account.saved_no_memory_limit")
            : message("account.saved_memory_limit", { value })
        }
      />
      <SwitchRow
        title={message("account.log_messages")}
        meaning={message("account.log_messages_meaning")}
        checked={core.log_messages}
        disabled={!isLive}
        problem={edit.problemOf("log_messages")}
        onChange={(log_messages) =>
          edit.save(
            "log_messages",
            { log_messages },
            log_messages
              ? message("account.saved_log_messages")
              : message("account.saved_no_log_messages"),
          )
        }
      />
    </Options>
  );
}

/** In the order in which they are chosen. */
function Signers({ core, edit }: Props) {
  const words = useWords();
  const isLive = useIsLive();
  const known = useCall("signer_list", {});
  // What was chosen counts until it has been read again: the next choice begins from it.
  const [wished, setWished] = useState<string[] | null>(null);
  const chosen = wished ?? core.signers ?? [];
  const choose = async (signers: string[]) => {
    setWished(signers);
    const said =
      signers.length === 0
        ? message("account.saved_signers_all")
        : message("account.saved_signers", { value: words.list(signers) });
    await edit.save("signers", { signers }, said);
    setWished((last) => (last === signers ? null : last));
  };
  const names = known.data?.map(({ name }) => name) ?? [];
  return (
    <OptionRow
      title={message("account.signers")}
      meaning={message("account.signers_meaning")}
      problem={edit.problemOf("signers")}
      control={(described) => (
        <MultiSelect
          {...described}
          w="min(220px, 42vw)"
          size="sm"
          data={[...new Set([...chosen, ...names])]}
          disabled={!isLive}
          value={chosen}
          placeholder={chosen.length === 0 ? words.t("account.signers_all") : ""}
          onChange={(signers) => void choose(signers)}
        />
      )}
    />
  );
}

/** Who asks the signers; how long one may be silent counts only where perpetua does. */
function Asking({ core, edit }: Props) {
  const words = useWords();
  const isLive = useIsLive();
  const isOfNode = core.sign_through === "node";
  return (
    <>
      <OptionRow
        title={message("account.sign_through")}
        meaning={message("account.sign_through_meaning")}
        problem={edit.problemOf("sign_through")}
        control={(described) => (
          <NativeSelect
            {...described}
            w={140}
            data={[
              { value: "node", label: words.t("account.sign_through_node") },
              { value: "core", label: words.t("account.sign_through_core") },
            ]}
            disabled={!isLive}
            value={core.sign_through}
            onChange={(event) => {
              const through = event.currentTarget.value;
              edit.save(
                "sign_through",
                { sign_through: through },
                through === "core"
                  ? message("account.saved_sign_through_core")
                  : message("account.saved_sign_through_node"),
              );
            }}
          />
        )}
      />
      {isOfNode ? (
        <NumberRow
          title={message("account.sign_patience")}
          meaning={message("account.sign_patience_meaning")}
          unit={message("account.unit_seconds")}
          value={core.sign_patience_s}
          least={1}
          most={60}
          field="sign_patience_s"
          edit={edit}
          change={(value) => ({ sign_patience_s: value })}
          said={(value) => message("account.saved_sign_patience", { value })}
        />
      ) : null}
    </>
  );
}
