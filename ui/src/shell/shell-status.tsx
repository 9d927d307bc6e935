/** How the program around the window stands, and what it tells the page. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { ShellEvent, ShellStatus } from "../generated/shell";
import { isLost } from "../state/headline";
import { usePlatform, useStore, useView } from "../store/context";

const KEY = ["shell_status"];

/** Null in a browser, and until the program has answered. */
export function useShellStatus(): ShellStatus | null {
  const { shell } = usePlatform();
  const { data } = useQuery({
    queryKey: KEY,
    queryFn: () => shell?.call("shell_status", {}) ?? null,
    enabled: shell !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data ?? null;
}

/** By now what the program tells arrives here. */
const FOLLOWED_MS = 1000;

const RUNNING: ShellStatus["node"]["state"][] = ["own", "other"];

/** Whether the connection is lost; one that has not been there yet, because perpetua starts, is not. */
export function useIsLost(): boolean {
  const lost = useView(isLost);
  const starting = useIsStarting();
  return lost && !starting;
}

/** Whether perpetua is being started by the program around the window. */
export function useIsStarting(): boolean {
  return useShellStatus()?.node.state === "starting";
}

type QuittingEvent = Extract<ShellEvent, { event: "quitting" }>;

/** Does what the program says; gives how the end of it stands, once it has begun. */
export function useShellEvents(): QuittingEvent | null {
  const { shell } = usePlatform();
  const store = useStore();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [quitting, setQuitting] = useState<QuittingEvent | null>(null);

  useEffect(() => {
    if (!shell) return;
    const stop = shell.follow((event) => {
      switch (event.event) {
        case "navigate":
          return void navigate({ to: event.path });
        case "shown":
          return store.resume();
        case "status":
          // A reply that is on its way is older than this.
          void client.cancelQueries({ queryKey: KEY });
          client.setQueryData(KEY, event.status);
          // It has just begun to answer: the page does not wait for its next try.
          return RUNNING.includes(event.status.node.state) ? store.arrived() : undefined;
        case "quitting":
          return setQuitting(event);
      }
    });
    // The window is shown when its first picture is there.
    shell.call("shell_ready", {}).catch(() => undefined);
    // What changed between the first answer and the following was told to nobody.
    const again = setTimeout(() => void client.invalidateQueries({ queryKey: KEY }), FOLLOWED_MS);
    return () => {
      clearTimeout(again);
      stop();
    };
  }, [shell, store, client, navigate]);
  return quitting;
}
