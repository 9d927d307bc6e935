/** The cores that are installed, or could be. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Message } from "../../generated/schema";
import { useCall } from "../../store/calls";
import { useView } from "../../store/context";
import { message } from "../../words/words";

/** perpetua looks for a newer core by itself, and no event tells what it found. */
const ASKED_MS = 60 * 60 * 1000;

/** Asked anew when an installation goes over into another state. */
export function useCores(enabled = true) {
  const queries = useQueryClient();
  const told = useView((view) => view.job?.state);
  const list = useCall("core_list", {}, { enabled, refetchInterval: ASKED_MS });
  useEffect(() => {
    if (told !== undefined) void queries.invalidateQueries({ queryKey: ["core_list"] });
  }, [queries, told]);
  return list;
}

/** What somebody may want to look at: one is being installed, waits to be compared, or could be had. */
export function useCoreNews(enabled: boolean): Message | null {
  const told = useView((view) => view.job?.state);
  const { data } = useCores(enabled);
  if (!enabled) return null;
  const state = told ?? data?.job.state;
  if (state === "running") return message("app.core_installing");
  if (state === "unconfirmed") return message("app.core_waits");
  return data?.available && !data.available.rolled_back ? message("app.core_available") : null;
}
