/** The last minutes of each account, for the lines and numbers of its card. */
import { useMemo } from "react";
import type { AccountHistory } from "../generated/schema";
import { useCall } from "./calls";
import { useIsLive } from "./context";

/** As many as a line has points. */
const MINUTES = 24;
/** Whole minutes are counted, so nothing is missed by asking four times a minute. */
const ASKED_MS = 15_000;

/** By the account's name; empty until the first answer. */
export function useHistory(): Map<string, AccountHistory> {
  const isLive = useIsLive();
  const { data } = useCall(
    "read_rates",
    { minutes: MINUTES },
    { enabled: isLive, refetchInterval: ASKED_MS },
  );
  return useMemo(
    () => new Map((data?.accounts ?? []).map((account) => [account.account, account])),
    [data],
  );
}

/** The last whole minute. */
export function lastMinute(minutes: number[] | undefined): number | null {
  return minutes?.at(-1) ?? null;
}
