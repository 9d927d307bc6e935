/** Taking a change of the settings back by their former text, where no call tells all of what is gone. */
import { useQueryClient } from "@tanstack/react-query";
import type { Calls, Message } from "../generated/schema";
import { problemOf } from "../store/calls";
import { usePlatform } from "../store/context";
import { message } from "../words/words";
import type { Result } from "./option";

/** Refused once somebody has changed the settings after that. What it came to is told to somebody who outlives the row. */
export function usePutBack(
  stale: keyof Calls,
  onResult: (result: Result) => void,
  onProblem: (problem: Message) => void,
) {
  const platform = usePlatform();
  const queries = useQueryClient();
  return async (what: Message, text: string, instead: string) => {
    try {
      const { pending } = await platform.call("settings_write", { text, instead_of: instead });
      onResult({ said: message("settings.undone", { what }), pending });
    } catch (error) {
      onProblem(problemOf(error));
    }
    await queries.invalidateQueries({ queryKey: [stale] });
  };
}

/** The text of the settings; null: it cannot be read now, so that nothing can be put back. */
export function useWritten(): () => Promise<string | null> {
  const platform = usePlatform();
  return async () => {
    try {
      return (await platform.call("settings_read", {})).text;
    } catch {
      return null;
    }
  };
}
