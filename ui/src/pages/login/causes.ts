/** What is known of the codes with which QQ refuses a login: one entry each. */
import type { IconName } from "../../components/icons";
import type { Message } from "../../generated/schema";
import { message } from "../../words/words";

/** Other things that lead to the same code, with what to do. */
export type OtherCause = { icon: IconName; text: Message };

/** A code whose cause is known. */
export type Known = {
  /** The most likely cause. */
  title: Message;
  /** What is shown as proof. */
  evidence: "signers";
  others: OtherCause[];
};

const KNOWN: Record<number, Known> = {
  45: {
    title: message("qr.cause_signer"),
    evidence: "signers",
    others: [
      { icon: "device-mobile", text: message("qr.other_notice") },
      { icon: "clock", text: message("qr.other_often") },
    ],
  },
};

/** Nothing is guessed about a code that is not known. */
export function knownCause(code: number): Known | null {
  return KNOWN[code] ?? null;
}
