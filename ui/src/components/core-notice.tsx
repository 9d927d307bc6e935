/** What is worth knowing beside the state of a core: it was rolled back, a login was set aside. */
import type { Message } from "../generated/schema";
import { holds } from "../state/standing";
import { Note } from "./note";

/** Stands beside the state, which says nothing of it. */
export function CoreNotice({ notice }: { notice: Message }) {
  const icon = holds(notice, "core.rolled_back") ? "arrow-back-up" : "alert-circle";
  return <Note tone="you" icon={icon} title={notice} />;
}
