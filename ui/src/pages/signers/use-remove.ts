/** Taking a signer away, and putting it back where the settings tell all of it. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Result } from "../../components/option";
import { usePutBack } from "../../components/use-put-back";
import type { Message } from "../../generated/schema";
import { problemOf } from "../../store/calls";
import { usePlatform } from "../../store/context";
import { message } from "../../words/words";

export type Removing = {
  /** What it did; rejects as the call does. */
  run: (name: string) => Promise<Result>;
  /** Why it was not removed. */
  problem: Message | null;
};

/** What a text has that a later one has not, if that is one piece. */
function goneFrom(before: string, after: string): string {
  let from = 0;
  while (from < after.length && before[from] === after[from]) from += 1;
  let to = 0;
  const most = Math.min(before.length, after.length) - from;
  while (to < most && before.at(-1 - to) === after.at(-1 - to)) to += 1;
  return before.slice(from, before.length - to);
}

/**
 * An address that is kept as a secret is gone with the signer: it is not put back. What putting back came to is told
 * to somebody who outlives the row.
 */
export function useRemove(
  onResult: (result: Result) => void,
  onProblem: (problem: Message) => void,
): Removing {
  const platform = usePlatform();
  const queries = useQueryClient();
  const stale = () => queries.invalidateQueries({ queryKey: ["signer_list"] });
  const putBack = usePutBack("signer_list", onResult, onProblem);
  const remove = useMutation({
    mutationFn: async (name: string): Promise<Result> => {
      const before = await platform.call("settings_read", {});
      const { pending } = await platform.call("signer_remove", { name });
      const after = await platform.call("settings_read", {});
      const what = message("signers.what_removed", { signer: name });
      const isSecret = /\bsecret\b/.test(goneFrom(before.text, after.text));
      const undo = isSecret ? undefined : () => void putBack(what, before.text, after.text);
      return { said: message("settings.saved", { what }), pending, undo };
    },
    onSettled: stale,
  });
  return {
    run: remove.mutateAsync,
    problem: remove.error ? problemOf(remove.error) : null,
  };
}
