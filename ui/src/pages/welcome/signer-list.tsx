/** The signers in the settings: how each stands, why, and what can be done about it right there. */
import { Button, Skeleton } from "@mantine/core";
import { Confirm } from "../../components/confirm";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/note";
import { Late } from "../../components/page";
import { type Tests, useTests } from "../../components/signer/use-tests";
import type { SignerStatus } from "../../generated/schema";
import { signerStanding } from "../../state/signer";
import { mends } from "../../state/standing";
import { problemOf, type useCall, useDo } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { message } from "../../words/words";
import classes from "./welcome.module.css";

/** What has not been asked since perpetua runs. */
const isUnasked = ({ report }: SignerStatus) => report === null;

type Props = {
  signers: ReturnType<typeof useCall<"signer_list">>;
  /** The one whose new address is being typed. */
  replacing: string | null;
  onChangeAddress: (name: string) => void;
};

/** Those that are in the settings already. */
export function SignerList({ signers, ...rest }: Props) {
  if (signers.error) {
    return <ProblemNote problem={problemOf(signers.error)} again={() => void signers.refetch()} />;
  }
  if (!signers.data) {
    return (
      <Late>
        <Skeleton height={52} mb={16} />
      </Late>
    );
  }
  return signers.data.length === 0 ? null : <Rows known={signers.data} {...rest} />;
}

function Rows({ known, ...rest }: { known: SignerStatus[] } & Omit<Props, "signers">) {
  const words = useWords();
  const tests = useTests(known, isUnasked);
  return (
    <ul className={`card ${classes["known"]}`} aria-label={words.t("welcome.signers")}>
      {known.map((signer) => (
        <Row key={signer.name} signer={signer} tests={tests} {...rest} />
      ))}
    </ul>
  );
}

type RowProps = Omit<Props, "signers"> & {
  signer: SignerStatus;
  tests: Tests;
};

function Row({ signer, tests, replacing, onChangeAddress }: RowProps) {
  const words = useWords();
  const isLive = useIsLive();
  const { name } = signer;
  const remove = useDo("signer_remove", ["signer_list"]);
  const asking = tests.asking.includes(name);
  const standing = signerStanding(
    signer.report,
    { asking, usedBy: signer.used_by },
    mends.signerAddress(name),
  );
  const problem = remove.problem ?? tests.failed[name] ?? null;
  const isWrong = !asking && signer.report !== null && standing.tone !== "ok";
  // The row's own button changes it.
  const wantsAddress = standing.mend?.deed.do === "go";
  return (
    <li>
      <div className={classes["knownLine"]}>
        <span data-tone={standing.tone} className={classes["tone"]}>
          <Icon name={standing.icon} size={16} />
        </span>
        <b className="medium">{name}</b>
        <span className="mono sm faint cut">{signer.host}</span>
        <span className="grow" />
        <span data-tone={standing.tone} className={`sm ${classes["tone"]}`} role="status">
          <Said message={standing.word} />
        </span>
      </div>
      {isWrong && standing.sentence ? (
        <div className={classes["knownWhy"]}>
          <p>
            <Said alone message={standing.sentence} />
          </p>
          {standing.more ? (
            <p className="quiet">
              <Said alone message={standing.more} />
            </p>
          ) : null}
        </div>
      ) : null}
      {problem ? (
        <p className={classes["knownProblem"]} role="alert">
          <Said alone message={problem} />
        </p>
      ) : null}
      <div className={classes["knownDeeds"]}>
        <Button
          size="xs"
          variant={isWrong && !wantsAddress ? "filled" : "default"}
          loading={asking}
          disabled={!isLive}
          onClick={() => tests.test(name)}
        >
          {words.t("welcome.signer_test")}
        </Button>
        <Button
          size="xs"
          variant={isWrong && wantsAddress ? "filled" : "default"}
          aria-pressed={replacing === name}
          disabled={!isLive}
          onClick={() => onChangeAddress(name)}
        >
          {words.t("state.do_change_address")}
        </Button>
        <Confirm
          question={message("welcome.signer_remove_question", { signer: name })}
          verb={message("welcome.signer_remove")}
          onConfirm={() => void remove.run({ name }).catch(() => undefined)}
        >
          {(ask) => (
            <Button size="xs" disabled={!isLive} loading={remove.running} onClick={ask}>
              {words.t("welcome.signer_remove")}
            </Button>
          )}
        </Confirm>
      </div>
    </li>
  );
}
