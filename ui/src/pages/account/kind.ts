/** What an account is, in words and in numbers. */
import type { AccountStatus, Message } from "../../generated/schema";
import { message } from "../../words/words";

/** Where its events come from. */
export function kindWord(kind: string): Message {
  switch (kind) {
    case "simulator":
      return message("account.kind_simulator");
    case "onebot":
      return message("account.kind_onebot");
    case "onebot-reverse":
      return message("account.kind_onebot_reverse");
    default:
      return message("account.kind_lagrange");
  }
}

/** Open connections of all its clients: that many programs notice when it goes away. */
export function connectedCount(account: AccountStatus): number {
  return account.clients.reduce((sum, { connections }) => sum + connections.length, 0);
}
