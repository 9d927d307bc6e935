/** Changes settings of an account one at a time: what was saved, how it is taken back, what was wrong. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Result } from "../../components/option";
import type { AccountChange, AccountConfig, AccountEdited, Message } from "../../generated/schema";
import { problemOf, useDo } from "../../store/calls";
import { message } from "../../words/words";

/** The settings that have a field. */
export type Field = keyof AccountChange | "enabled";

/** What is said of a change that was saved, where it depends on what was made of it. */
type Told = Message | ((edited: AccountEdited) => Message);

/** What a section of settings needs. */
export type Edit = {
  /** Over when the saved settings have been read again, or when it failed; tells which. */
  save: (field: Field, change: AccountChange, told: Told) => Promise<boolean>;
  enable: (enabled: boolean) => void;
  /** A value that cannot be saved, before anybody was asked. */
  refuse: (field: Field, problem: Message) => void;
  result: Result | null;
  problemOf: (field: Field) => Message | null;
};

/** What was shown of what is changed: a change of something else by now is refused. Tokens are never shown. */
function shownOf(config: AccountConfig, change: AccountChange): AccountChange {
  const { core, address } = config;
  const shown: AccountChange = {
    uin: config.uin ?? 0,
    action_timeout_s: config.action_timeout_s,
    ...(address === null ? {} : { address }),
    ...(core ? { ...core, signers: core.signers ?? [], memory_limit: core.memory_limit ?? 0 } : {}),
  };
  return Object.fromEntries(Object.entries(shown).filter(([setting]) => setting in change));
}

/** `config` is what is shown. The result stands for the last change only. */
export function useEdit(account: string, config: AccountConfig | undefined): Edit {
  const queries = useQueryClient();
  const edit = useDo("account_edit", ["account_settings"]);
  const enabling = useDo("set_account_enabled", ["account_settings"]);
  const [result, setResult] = useState<Result | null>(null);
  const [wrong, setWrong] = useState<{ field: Field; problem: Message } | null>(null);

  const begin = () => {
    setWrong(null);
    setResult(null);
  };
  const save = async (
    field: Field,
    change: AccountChange,
    told: Told,
    instead = config ? shownOf(config, change) : undefined,
  ) => {
    begin();
    try {
      const seen = instead ? { instead_of: instead } : {};
      const edited = await edit.run({ account, change, ...seen });
      const { applied, undo, now } = edited;
      const said = typeof told === "function" ? told(edited) : told;
      const back = undo ? () => void save(field, undo, message("account.undone"), now) : undefined;
      setResult({ said, pending: applied.pending, undo: back });
      return true;
    } catch (error) {
      setWrong({ field, problem: problemOf(error) });
      // It may be something else by now.
      await queries.invalidateQueries({ queryKey: ["account_settings"] });
      return false;
    }
  };
  const enable = async (enabled: boolean, isUndo: boolean) => {
    begin();
    try {
      const applied = await enabling.run({ account, enabled });
      const said = enabled ? message("account.saved_enabled") : message("account.saved_disabled");
      const back = () => void enable(!enabled, true);
      setResult({
        said: isUndo ? message("account.undone") : said,
        pending: applied.pending,
        undo: isUndo ? undefined : back,
      });
    } catch (error) {
      setWrong({ field: "enabled", problem: problemOf(error) });
    }
  };
  return {
    save,
    enable: (enabled) => void enable(enabled, false),
    refuse: (field, problem) => {
      begin();
      setWrong({ field, problem });
    },
    result,
    problemOf: (field) => (wrong?.field === field ? wrong.problem : null),
  };
}
