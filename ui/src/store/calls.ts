/** Calls whose replies are not part of the snapshot, and calls that change something. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Calls, Message } from "../generated/schema";
import type { ShellCalls } from "../generated/shell";
import { CallFailed, type Shell } from "../platform";
import { message } from "../words/words";
import { usePlatform } from "./context";

type Name = keyof Calls;

/** Why something failed, as a sentence that says what to do. */
export function problemOf(error: unknown): Message {
  if (error instanceof CallFailed) {
    return error.error?.message ?? message("problem.unreachable");
  }
  return message("problem.page");
}

/** A reply that is read, kept, and read again when `stale` is called for it. */
export function useCall<N extends Name>(
  name: N,
  params: Calls[N]["params"],
  options: { enabled?: boolean; refetchInterval?: number } = {},
) {
  const platform = usePlatform();
  return useQuery<Calls[N]["reply"]>({
    queryKey: [name, params],
    queryFn: () => platform.call(name, params),
    ...options,
  });
}

/** A call that changes something: `run(params)`; `problem` is why the last one failed. */
export function useDo<N extends Name>(name: N, stale: Name[] = []) {
  const platform = usePlatform();
  const client = useQueryClient();
  const mutation = useMutation<Calls[N]["reply"], unknown, Calls[N]["params"]>({
    mutationFn: (params) => platform.call(name, params),
    onSuccess: () =>
      Promise.all(stale.map((name) => client.invalidateQueries({ queryKey: [name] }))),
  });
  return {
    /** Rejects as the call does. */
    run: mutation.mutateAsync,
    running: mutation.isPending,
    problem: mutation.error ? problemOf(mutation.error) : null,
    /** What the last one asked for. */
    asked: mutation.variables,
    forget: mutation.reset,
  };
}

/** Calls the program around the window; null in a browser. */
export function useShell(): Shell | null {
  return usePlatform().shell;
}

/** A call of the shell that changes something. */
export function useShellDo<N extends keyof ShellCalls>(name: N) {
  const shell = useShell();
  const mutation = useMutation<ShellCalls[N]["reply"], unknown, ShellCalls[N]["params"]>({
    mutationFn: (params) => {
      if (!shell) return Promise.reject(new CallFailed(null));
      return shell.call(name, params);
    },
  });
  return {
    run: mutation.mutateAsync,
    running: mutation.isPending,
    problem: mutation.error ? problemOf(mutation.error) : null,
  };
}
