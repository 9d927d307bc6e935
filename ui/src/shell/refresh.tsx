/** Keeps what was asked for true: after something was missed, and after the settings have changed. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useCall } from "../store/calls";
import { useIsLive, useView } from "../store/context";
import { useSpeech } from "../words/context";

/** Shows nothing. */
export function Refresh() {
  const client = useQueryClient();
  const isLive = useIsLive();
  const changes = useView((view) => view.settings.changes);
  const snapshots = useView((view) => view.snapshots);
  const wasLive = useRef(false);
  const { wish, speak } = useSpeech();
  const { data: preferences } = useCall("preferences_read", {}, { enabled: isLive });
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
