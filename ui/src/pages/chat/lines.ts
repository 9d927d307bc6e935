/** What the talk of a chat shows, line by line. */
import type { ChatLine } from "../../generated/schema";

/** A line that is a message. */
export type MessageLine = Extract<ChatLine, { deed: "message" }>;

/** Who got the last thing that people did, while no bot has answered; null when one has. */
export function unanswered(lines: readonly ChatLine[]): string[] | null {
  const last = lines.at(-1);
  return last && !last.by_bot ? last.delivered_to : null;
}

/** The ids of messages that were taken back. */
export function recalledIn(lines: readonly ChatLine[]): ReadonlySet<number> {
  return new Set(lines.flatMap((line) => (line.deed === "recalled" ? [line.message_id] : [])));
}

/** The last message that people said. */
export function lastSaid(lines: readonly ChatLine[]): MessageLine | null {
  return (
    lines.findLast((line): line is MessageLine => line.deed === "message" && !line.by_bot) ?? null
  );
}
