/** Keeps what was asked for true: after something was missed, and after the settings have changed. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useCall } from "../store/calls";
import { useIsLive, usePlatform, useView } from "../store/context";
import { useSpeech } from "../words/context";
import { useMove } from "./use-move";

/** Shows nothing. */
export function Refresh() {
  const client = useQueryClient();
  const isLive = useIsLive();
  const changes = useView((view) => view.settings.changes);
  const snapshots = useView((view) => view.snapshots);
  const wasLive = useRef(false);
  // Where to look for perpetua is to be known before it is gone.
  useMove();
  const { wish, speak } = useSpeech();
  // Tray, notifications and window speak one language; a browser has one of its own.
  const isWindow = usePlatform().kind === "window";
  const { data: preferences } = useCall("preferences_read", {}, { enabled: isLive && isWindow });
  const language = preferences?.language;

  // biome-ignore lint/correctness/useExhaustiveDependencies: each change is a reason to ask again
  useEffect(() => {
    if (!isLive) return;
    // At first everything is being asked already, but what was asked too early has failed.
    const isFirst = !wasLive.current;
    wasLive.current = true;
    void client.invalidateQueries(
      isFirst ? { predicate: ({ state }) => state.status === "error" } : {},
    );
  }, [client, isLive, changes, snapshots]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what was chosen here is saved already
  useEffect(() => {
    if (language && language !== wish) speak(language);
  }, [language]);
  return null;
}
