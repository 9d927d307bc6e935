/** What a signer answered whose address is being typed. */
import type { SignerReport } from "../../generated/schema";
import { never } from "../../state/standing";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { Again, CheckLine } from "../check-line";
import type { Tested } from "../use-tested";

/** `again` asks it once more. */
export function Verdict({ tested, again }: { tested: Tested<SignerReport>; again: () => void }) {
  const words = useWords();
  switch (tested.is) {
    case "nothing":
      return null;
    case "testing":
      return <CheckLine tone="busy">{words.t("welcome.testing")}</CheckLine>;
    case "failed":
      return (
        <CheckLine tone="bad">
          <Said alone message={tested.problem} /> <Again run={again} />
        </CheckLine>
      );
    case "told":
      return <Told report={tested.report} again={again} />;
    default:
      return never(tested);
  }
}

function Told({ report, again }: { report: SignerReport; again: () => void }) {
  const words = useWords();
  if (report.problem) {
    return (
      <CheckLine tone="bad">
        <Said alone message={report.problem} />
        <Way report={report} /> <Again run={again} />
      </CheckLine>
    );
  }
  return (
    <>
      <CheckLine tone="ok">
        {report.latency_ms === null
          ? words.t("welcome.signer_works")
          : words.t("welcome.signer_works_in", { ms: report.latency_ms })}
        <Way report={report} />
      </CheckLine>
      {report.version === null ? null : (
        <CheckLine tone="ok">
          {words.t("welcome.signer_signs", {
            version: [report.platform, report.version].filter(Boolean).join(" "),
          })}
        </CheckLine>
      )}
      {report.warning ? (
        <CheckLine tone="you">
          <Said alone message={report.warning} />
        </CheckLine>
      ) : null}
    </>
  );
}

/** The proxy that it was asked through. */
function Way({ report: { through } }: { report: SignerReport }) {
  const words = useWords();
  if (through === null) return null;
  return <span className="quiet">{` ${words.t("signers.through", { proxy: through })}`}</span>;
}

/** Whether what was typed is known to sign. */
export function signs(tested: Tested<SignerReport>): boolean {
  return tested.is === "told" && tested.report.problem === null;
}
