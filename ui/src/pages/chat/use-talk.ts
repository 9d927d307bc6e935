/** The simulator of an account, for React. */
import { useEffect, useMemo, useSyncExternalStore } from "react";
import { usePlatform } from "../../store/context";
import { Talk, type TalkView } from "./talk";

/** Followed while the page shows it; `start` is another number when the simulator has begun anew. */
export function useTalk(account: string, start: number): { talk: Talk; view: TalkView } {
  const platform = usePlatform();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new start has other lines with the same ids
  const talk = useMemo(() => new Talk(platform, account), [platform, account, start]);
  useEffect(() => talk.start(), [talk]);
  return { talk, view: useSyncExternalStore(talk.subscribe, talk.read) };
}
