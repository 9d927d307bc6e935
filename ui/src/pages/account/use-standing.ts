/** How an account stands, as its countdowns go on. */
import type { AccountStatus } from "../../generated/schema";
import { accountStanding } from "../../state/account";
import type { Standing } from "../../state/standing";
import { useView } from "../../store/context";
import { useNow } from "../../store/ticker";

/** Made anew each second. */
export function useStanding(account: AccountStatus): Standing {
  const now = useNow();
  const times = useView((view) => view.times[account.name]);
  return accountStanding(account, times ?? { account: now, upstream: now, core: now }, now);
}
