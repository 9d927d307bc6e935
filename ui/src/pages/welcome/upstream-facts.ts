/** What a test of a program found out, one fact each; what is wrong has a sentence of its own. */
import type { Message, UpstreamReport } from "../../generated/schema";
import type { Tone } from "../../state/standing";
import { message } from "../../words/words";

/** Good things and doubts, in the order in which they are found out. */
export function factsOf(report: UpstreamReport): { tone: Tone; said: Message }[] {
  const facts: { tone: Tone; said: Message }[] = [];
  if (report.reachable) {
    const { latency_ms: ms } = report;
    const said =
      ms === null ? message("welcome.reachable") : message("welcome.reachable_in", { ms });
    facts.push({ tone: "ok", said });
  }
  if (report.token_accepted === true) {
    facts.push({ tone: "ok", said: message("welcome.token_right") });
  }
  if (report.self_id !== null) {
    const uin = String(report.self_id);
    const { nickname } = report;
    const said =
      nickname === null
        ? message("welcome.logged_in_as", { uin })
        : message("welcome.logged_in_as_named", { uin, nickname });
    facts.push({ tone: "ok", said });
  }
  if (report.implementation !== null) {
    const said = message("welcome.implementation", { implementation: report.implementation });
    facts.push({ tone: "ok", said });
  }
  if (report.online === false) {
    facts.push({ tone: "you", said: message("welcome.offline_there") });
  }
  return facts;
}
