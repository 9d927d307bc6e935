/** Taking a signer away, and putting it back where the settings tell all of it. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Result } from "../../components/option";
import type { Message } from "../../generated/schema";
import { problemOf } from "../../store/calls";
import { usePlatform } from "../../store/context";
import { message } from "../../words/words";
import { tableGone } from "./table-gone";

export type Removing = {
  /** What it did; rejects as the call does. */
  run: (name: string) => Promise<Result>;
  /** Why it was not removed. */
  problem: Message | null;
};

/**
 * An address that is kept as a secret is gone with the signer: it is not put back, nor is a signer beside which
 * something else has changed. What putting back came to is told to somebody who outlives the row.
 */
export function useRemove(
  onResult: (result: Result) => void,
  onProblem: (problem: Message) => void,
): Removing {
  const platform = usePlatform();
  const queries = useQueryClient();
  const stale = () => queries.invalidateQueries({ queryKey: ["signer_list"] });
  const putBack = async (what: Message, text: string, instead: string) => {
    try {
      const { pending } = await platform.call("settings_write", { text, instead_of: instead });
      onResult({ said: message("settings.undone", { what }), pending });
    } catch (error) {
      onProblem(problemOf(error));
    }
    await stale();
  };
  /** Null: it cannot be read now, so that nothing can be put back. */
  const written = async () => {
    try {
      return (await platform.call("settings_read", {})).text;
    } catch {
      return null;
    }
  };
  const remove = useMutation({
    mutationFn: async (name: string): Promise<Result> => {
      const before = await written();
      const { pending } = await platform.call("signer_remove", { name });
      const after = await written();
      const what = message("signers.what_removed", { signer: name });
      const known = before !== null && after !== null;
      const gone = known ? tableGone(name, before, after) : null;
      const canBack = known && gone !== null && !/\bsecret\b/.test(gone);
      const undo = canBack ? () => void putBack(what, before, after) : undefined;
      return { said: message("settings.saved", { what }), pending, undo };
    },
    onSettled: stale,
  });
  return {
    run: remove.mutateAsync,
    problem: remove.error ? problemOf(remove.error) : null,
  };
}
