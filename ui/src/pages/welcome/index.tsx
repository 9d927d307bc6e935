/** `/welcome`: the first five minutes. Where somebody was is kept, also when the window closes. */
import { Navigate, useParams } from "@tanstack/react-router";
import { useStatus } from "../../store/context";
import { ConnectStep } from "./connect-step";
import { CoreStep } from "./core";
import { ImportStep } from "./import";
import { isUnfinished, keptPlace, useJourney } from "./journey";
import { ProgramStep } from "./program";
import { ScanStep } from "./scan";
import { SignerStep } from "./signer";
import { Start } from "./start";

/** Without a step in the address it goes on where it was left. */
export function Welcome() {
  const { step } = useParams({ strict: false });
  return step === undefined ? <GoOn /> : <Steps />;
}

function GoOn() {
  const status = useStatus();
  if (!status) return null;
  const left = keptPlace();
  const kept = isUnfinished(left, status) ? left : null;
  return (
    <Navigate
      to="/welcome/$step"
      params={{ step: kept?.step ?? "start" }}
      search={kept?.search ?? {}}
      replace
    />
  );
}

/** What has a page of its own, once there is an account that it is for. */
const PAGES = { core: "/core", signer: "/signers" } as const;

function Steps() {
  const journey = useJourney();
  const hasAccounts = (useStatus()?.accounts.length ?? 0) > 0;
  if (
    !journey.isFirstRun &&
    hasAccounts &&
    (journey.step === "core" || journey.step === "signer")
  ) {
    return <Navigate to={PAGES[journey.step]} replace />;
  }
  switch (journey.step) {
    case "start":
      return <Start journey={journey} />;
    case "import":
      return <ImportStep journey={journey} />;
    case "core":
      return <CoreStep journey={journey} />;
    case "signer":
      return <SignerStep journey={journey} />;
    case "scan":
      return <ScanStep journey={journey} />;
    case "program":
      return <ProgramStep journey={journey} />;
    case "connect":
      return <ConnectStep journey={journey} />;
  }
}
