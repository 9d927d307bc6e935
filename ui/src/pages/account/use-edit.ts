/** Changes settings of an account one at a time: what was saved, how it is taken back, what was wrong. */
import { useState } from "react";
import type { Result } from "../../components/option";
import type { AccountChange, AccountEdited, Message } from "../../generated/schema";
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

/** The result stands for the last change only. */
export function useEdit(account: string): Edit {
  const edit = useDo("account_edit", ["account_settings"]);
  const enabling = useDo("set_account_enabled", ["account_settings"]);
  const [result, setResult] = useState<Result | null>(null);
  const [wrong, setWrong] = useState<{ field: Field; problem: Message } | null>(null);

  const begin = () => {
    setWrong(null);
    setResult(null);
  };
  const save = async (field: Field, change: AccountChange, told: Told) => {
    begin();
    try {
      const edited = await edit.run({ account, change });
      const { applied, undo } = edited;
      const said = typeof told === "function" ? told(edited) : told;
      const back = undo ? () => void save(field, undo, message("account.undone")) : undefined;
      setResult({ said, pending: applied.pending, undo: back });
      return true;
    } catch (error) {
      setWrong({ field, problem: problemOf(error) });
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
