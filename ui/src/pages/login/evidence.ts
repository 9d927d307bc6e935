/** What speaks for a signer that does not fit, laid out as rows: the core's version, each signer's. */

import type { IconName } from "../../components/icons";
import type { CoreStatus, Message, SignerStatus } from "../../generated/schema";
import type { Tone } from "../../state/standing";
import { took } from "../../words/took";
import { message } from "../../words/words";

/** One line of the evidence. Without `version` nothing is told. */
export type Fact = {
  key: string;
  who: Message;
  version: string | null;
  verdict: { tone: Tone; icon: IconName | null; text: Message } | null;
};

/** Everything that the page of a refusal says about signers. */
export type Evidence = {
  /** Why it is so, as far as it can be told. */
  reason: Message;
  facts: Fact[];
  /** A signer that tells what it signs for, works, and was not the one in use. */
  better: string | null;
};

const PLATFORMS: Record<string, string> = { linux: "Linux", windows: "Windows", macos: "MacOs" };

/** `Linux 3.2.15-30366` */
function full(platform: string | null, version: string | null): string | null {
  if (version === null) return null;
  return platform === null ? version : `${platform} ${version}`;
}

/** What is known of the signers beside what the core used. */
export function evidenceOf(
  core: CoreStatus,
  signers: SignerStatus[],
  protocol: string | null,
): Evidence {
  const used = core.signer?.name ?? null;
  const system = protocol === null ? null : (PLATFORMS[protocol] ?? protocol);
  const followed = core.signer?.version !== null && core.signer?.version === core.protocol;
  const coreFact: Fact = {
    key: "core",
    who: message("qr.core_used"),
    version: full(system, core.protocol),
    verdict:
      core.protocol === null
        ? null
        : {
            tone: "idle",
            icon: null,
            text:
              followed && used !== null
                ? message("qr.as_signer_says", { signer: used })
                : message("qr.core_own"),
          },
  };
  const better = signers.find((signer) => isBetter(signer, used, system));
  return {
    reason: reasonOf(core, used),
    facts: [coreFact, ...signers.map((signer) => factOf(signer, core, used, system))],
    better: better?.name ?? null,
  };
}

function isBetter({ name, report }: SignerStatus, used: string | null, system: string | null) {
  const fits = system === null || report?.platform === null || report?.platform === system;
  return name !== used && report !== null && !report.problem && report.version !== null && fits;
}

function reasonOf(core: CoreStatus, used: string | null): Message {
  if (used === null) return message("qr.reason_no_signer");
  if (!core.signer?.version) return message("qr.reason_untold", { signer: used });
  if (core.signer.version === core.protocol) return message("qr.reason_same", { signer: used });
  return message("qr.reason_differs", { signer: used });
}

function factOf(
  { name, report }: SignerStatus,
  core: CoreStatus,
  used: string | null,
  system: string | null,
): Fact {
  const fact = {
    key: `signer/${name}`,
    who: message("qr.signer_signs", { signer: name }),
    version: report ? full(report.platform, report.version) : null,
  };
  if (!report) {
    return {
      ...fact,
      verdict: { tone: "idle", icon: "circle-dashed", text: message("qr.not_asked") },
    };
  }
  if (report.problem) {
    return { ...fact, verdict: { tone: "bad", icon: "circle-x", text: report.problem } };
  }
  if (report.version === null) {
    const text = message("qr.probably_another");
    return { ...fact, verdict: { tone: "bad", icon: "circle-x", text } };
  }
  if (system !== null && report.platform !== null && report.platform !== system) {
    return {
      ...fact,
      verdict: { tone: "bad", icon: "circle-x", text: message("qr.other_system") },
    };
  }
  if (name === used) {
    const isSame = report.version === core.protocol;
    return {
      ...fact,
      verdict: isSame
        ? { tone: "ok", icon: "circle-check", text: message("qr.the_same") }
        : { tone: "bad", icon: "circle-x", text: message("qr.another") },
    };
  }
  const text =
    report.latency_ms === null
      ? message("qr.would_follow")
      : message("qr.would_follow_in", { took: took(report.latency_ms) });
  return { ...fact, verdict: { tone: "ok", icon: "circle-check", text } };
}
