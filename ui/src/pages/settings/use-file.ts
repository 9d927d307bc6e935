/** `perpetua.toml` as it is edited here, and as it is by now. */
import { useState } from "react";
import type { Result } from "../../components/option";
import type { Message, SettingsProblem } from "../../generated/schema";
import { CallFailed } from "../../platform";
import { problemOf, useCall, useDo } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { message } from "../../words/words";

/** What is edited. */
export type File = {
  /** The text in the editor; null until it was read. */
  text: string | null;
  isChanged: boolean;
  /** What the file holds by now, when it was changed elsewhere while it was edited here. */
  theirs: string | null;
  /** What is wrong with the text that was to be saved, or with the file as it is. */
  faults: SettingsProblem[];
  /** Why it could not be read or saved; faults stand beside it. */
  problem: Message | null;
  /** What a person has to agree to before it is saved, and how they do. */
  asks: { problem: Message; agree: () => void; leave: () => void } | null;
  saving: boolean;
  result: Result | null;
  type: (text: string) => void;
  save: () => void;
  /** What was typed goes; what the file holds is edited. */
  takeTheirs: () => void;
  /** What was typed stays, and may be saved over theirs. */
  keepMine: () => void;
  again: () => void;
};

/** `base` is the text that the typing began with. */
type Draft = { text: string; base: string };

const FILE = "perpetua.toml";

/** What a person has agreed to. */
type Agreed = { opens?: boolean; leavesHost?: boolean };

/** What is agreed to with a refusal. */
const AGREEMENTS: Record<string, Agreed> = {
  "edit.opens_to_others": { opens: true },
  "edit.locks_out": { leavesHost: true },
};

export function useFile(): File {
  const isLive = useIsLive();
  const read = useCall("settings_read", {}, { enabled: isLive });
  const write = useDo("settings_write", ["settings_read"]);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [refused, setRefused] = useState<unknown>(null);
  const [result, setResult] = useState<Result | null>(null);
  const [agree, setAgree] = useState<(() => void) | null>(null);
  const now = read.data?.text ?? null;
  const text = draft?.text ?? now;
  // A save that nobody answered has been carried out when the file holds what was typed.
  const isThere = draft !== null && draft.text !== draft.base && draft.text === now;
  /** Of the file as it is. */
  const present = read.data?.problems ?? [];
  const isChanged = draft !== null && draft.text !== draft.base && !isThere;
  const isConflict = draft !== null && isChanged && now !== null && now !== draft.base;

  const put = async (wanted: string, instead: string, undone: boolean, agreed: Agreed = {}) => {
    setRefused(null);
    setAgree(null);
    setResult(null);
    const wasBroken = present.length > 0;
    try {
      const { changes, pending } = await write.run({
        text: wanted,
        instead_of: instead,
        ...(agreed.opens ? { opens: true } : {}),
        ...(agreed.leavesHost ? {} : { keeps_host: window.location.hostname }),
      });
      setDraft(null);
      const what = changes.length > 0 ? changes : [message("settings.nothing_changed")];
      setResult({
        said: undone ? message("settings.undone", { what }) : message("settings.saved", { what }),
        pending,
        // What was open before has been agreed to; what was broken is not broken again.
        undo:
          undone || wasBroken ? undefined : () => void put(instead, wanted, true, { opens: true }),
      });
    } catch (error) {
      setRefused(error);
      const more = AGREEMENTS[problemOf(error).code];
      if (more) setAgree(() => () => void put(wanted, instead, undone, { ...agreed, ...more }));
      // Somebody else was faster: what they wrote is shown.
      if (codeOf(error) === "conflict") await read.refetch();
    }
  };
  const own = faultsOf(refused);
  const problem = (isThere ? null : refused) ?? read.error;
  const forget = () => {
    setRefused(null);
    setAgree(null);
  };
  return {
    text,
    isChanged,
    theirs: isConflict ? now : null,
    faults: own.length > 0 ? own : isChanged ? [] : present,
    problem: problem && !agree ? problemOf(problem) : null,
    asks: agree && { problem: problemOf(refused), agree, leave: forget },
    saving: write.running,
    result: isThere && refused ? { said: message("settings.saved", { what: FILE }) } : result,
    type: (typed) => {
      setResult(null);
      if (agree) forget();
      setRefused((one: unknown) => leftOf(one, text ?? "", typed));
      setDraft({ text: typed, base: draft?.base ?? now ?? "" });
    },
    save: () => {
      if (draft && isChanged && !isConflict && !write.running) {
        void put(draft.text, draft.base, false);
      }
    },
    takeTheirs: () => {
      setDraft(null);
      forget();
    },
    keepMine: () => {
      forget();
      if (draft && now !== null) setDraft({ text: draft.text, base: now });
    },
    again: () => void read.refetch(),
  };
}

function faultsOf(error: unknown): SettingsProblem[] {
  return error instanceof CallFailed ? (error.error?.problems ?? []) : [];
}

/** What a refusal still says once the text was changed: a fault goes with its line, the refusal with its last fault. */
function leftOf(refused: unknown, before: string, typed: string): unknown {
  const faults = faultsOf(refused);
  if (faults.length === 0 || !(refused instanceof CallFailed) || !refused.error) return refused;
  const [had, has] = [before.split("\n"), typed.split("\n")];
  const problems = faults.filter(({ line }) => had[line - 1] === has[line - 1]);
  if (problems.length === 0) return null;
  return new CallFailed({ ...refused.error, problems });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof CallFailed ? error.error?.code : undefined;
}
