/** The program dials: what has to be entered there, and whether it has come. */

import { Copy } from "../../components/copy";
import { Note, StateNote } from "../../components/note";
import { SecretText } from "../../components/secret";
import type { AccountStatus } from "../../generated/schema";
import { upstreamStanding } from "../../state/upstream";
import { usePlatform, useView } from "../../store/context";
import { useNow } from "../../store/ticker";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { message } from "../../words/words";
import classes from "./welcome.module.css";

/** Without an account there is no address yet. */
export function WaitForIt({ account }: { account: AccountStatus | null | undefined }) {
  const words = useWords();
  const platform = usePlatform();
  if (!account) {
    return <p className="quiet">{words.t("welcome.no_address_yet")}</p>;
  }
  const address = account.upstream.address ?? "";
  const readToken = async () => (await platform.call("token", { account: account.name })).token;
  return (
    <>
      <dl className={classes["entered"]}>
        <dt>{words.t("welcome.address")}</dt>
        <dd className="row">
          <span className="mono cut">{address}</span>
          <Copy text={address} label={words.t("welcome.copy_address")} />
        </dd>
        <dt>{words.t("welcome.token")}</dt>
        <dd>
          <SecretText read={readToken} label={words.t("welcome.copy_token")} />
        </dd>
      </dl>
      <div className={classes["checks"]} aria-live="polite">
        <Live account={account} />
      </div>
    </>
  );
}

function Live({ account }: { account: AccountStatus }) {
  const now = useNow();
  const received = useView((view) => view.times[account.name]?.upstream ?? view.snapshotAt);
  const { upstream } = account;
  if (upstream.state === "open") {
    return (
      <Note tone="ok" icon="circle-check" title={message("welcome.it_came")}>
        {account.self_id === null ? null : (
          <p>
            <Said message={message("welcome.logged_in_as", { uin: String(account.self_id) })} />
          </p>
        )}
        {upstream.implementation === null ? null : (
          <p>
            <Said
              message={message("welcome.implementation", {
                implementation: upstream.implementation,
              })}
            />
          </p>
        )}
      </Note>
    );
  }
  const [refusal] = upstream.notices;
  return (
    <>
      {/* What to enter there stands above already. */}
      <StateNote standing={{ ...upstreamStanding(account, { received, now }), mend: null }} />
      {refusal ? (
        <Note tone="you" icon="plug-x" title={message("welcome.refused_there")}>
          <Said alone message={refusal.message} />
        </Note>
      ) : null}
    </>
  );
}
