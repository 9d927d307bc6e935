/** How a framework comes to a client, in words. */
import type { Message } from "../../generated/schema";
import { message } from "../../words/words";

/** `short` is for a column. A kind of a newer program is shown as it is called there. */
export function kindWord(kind: string, short = false): Message {
  if (kind === "forward")
    return message(short ? "client.kind_forward" : "client.kind_forward_long");
  if (kind === "reverse")
    return message(short ? "client.kind_reverse" : "client.kind_reverse_long");
  if (kind === "post") return message(short ? "client.kind_post" : "client.kind_post_long");
  if (kind === "http") return message(short ? "client.kind_http" : "client.kind_http_long");
  if (kind === "leased") return message("client.kind_leased");
  return message("client.kind_unknown", { kind });
}
