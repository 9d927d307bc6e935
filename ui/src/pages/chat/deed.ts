/** What somebody did, in words that follow their name. */
import type { ChatLine, Message } from "../../generated/schema";
import { never } from "../../state/standing";
import { roughly } from "../../words/amounts";
import { message } from "../../words/words";

/** Everything that is not a message. */
export type Deed = Exclude<ChatLine, { deed: "message" }>;

/** The same sentences as in the terminal, where they read well on a page. */
export function deedWords(line: Deed): Message {
  switch (line.deed) {
    case "recalled":
      return message("talk.did_recall");
    case "poked":
      return message("chat.poked", { target: line.target.name });
    case "joined":
      return message("chat.joined");
    case "left":
      return message("chat.left");
    case "dismissed":
      return message("chat.dismissed");
    case "kicked":
      return message("chat.kicked", { target: line.target.name });
    case "banned":
      if (!line.target) return message("chat.all_banned");
      if (line.seconds === null) return message("chat.banned", { target: line.target.name });
      return message("talk.did_ban", {
        target: line.target.name,
        duration: roughly(line.seconds),
      });
    case "unbanned":
      if (!line.target) return message("chat.all_unbanned");
      return message("chat.unbanned", { target: line.target.name });
    case "admin_set":
      return line.enable
        ? message("chat.admin_made", { target: line.target.name })
        : message("chat.admin_unmade", { target: line.target.name });
    case "group_named":
      return message("chat.group_named", { name: line.name });
    case "card_set":
      return message("chat.card_set", { target: line.target.name, card: line.card });
    case "title_set":
      return message("chat.title_set", { target: line.target.name, title: line.title });
    case "uploaded":
      return message("chat.uploaded", { name: line.name });
    case "befriended":
      return message("chat.befriended");
    case "liked":
      return message("chat.liked", { target: line.target.name, count: line.times });
    case "friend_requested":
      return message("talk.did_friend_request", { comment: line.comment });
    case "group_requested":
      return message("talk.did_group_request", { comment: line.comment });
    case "group_invited":
      return message("talk.did_group_invite", { comment: line.comment });
    case "request_answered":
      return line.approve
        ? message("chat.request_approved", { target: line.target.name })
        : message("chat.request_refused", { target: line.target.name });
    default:
      return never(line);
  }
}
