/** What is worth knowing beside the state of a core: it was rolled back, a login was set aside. */
import type { AccountStatus, Message } from "../generated/schema";
import { holds, mends } from "../state/standing";
import { message } from "../words/words";
import { MendButton } from "./mend";
import { Note } from "./note";

/** Stands beside the state, which says nothing of it. */
export function CoreNotice({ notice }: { notice: Message }) {
  const icon = holds(notice, "core.rolled_back") ? "arrow-back-up" : "alert-circle";
  return <Note tone="you" icon={icon} title={notice} />;
}

/** The signer that is slow, with the way to where it is seen; then the notice of the core. */
export function CoreRemarks({ account: { name, core } }: { account: AccountStatus }) {
  return (
    <>
      {core?.slow_signer ? (
        <Note
          tone="you"
          icon="alert-circle"
          title={core.slow_signer}
          action={<MendButton mend={mends.signers(name, message("state.do_see_why"))} />}
        />
      ) : null}
      {core?.notice ? <CoreNotice notice={core.notice} /> : null}
    </>
  );
}
