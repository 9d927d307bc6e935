/** OneBot programs that are known by name, and where in them one has to look. */
import type { Message } from "../../generated/schema";
import { message, type Words } from "../../words/words";

/** In the order in which they are offered. */
export const PROGRAMS = ["napcat", "llbot", "other"] as const;
export type Program = (typeof PROGRAMS)[number];

/** Its name on a button. */
export function programName(words: Words, program: Program): string {
  switch (program) {
    case "napcat":
      return "NapCat";
    case "llbot":
      return "LLBot";
    case "other":
      return words.t("welcome.other_program");
  }
}

// Labels in those programs are Chinese in every language.
const OPEN_NAPCAT = message("welcome.napcat_open", { label: "网络配置" });
const OPEN_LLBOT = message("welcome.llbot_open");

const DIALLED: Record<Program, Message[]> = {
  napcat: [
    OPEN_NAPCAT,
    message("welcome.napcat_server", { label: "WebSocket 服务器" }),
    message("welcome.program_copy"),
  ],
  llbot: [
    OPEN_LLBOT,
    message("welcome.llbot_server", { label: "正向 WebSocket" }),
    message("welcome.program_copy"),
  ],
  other: [message("welcome.other_server"), message("welcome.other_copy")],
};

const DIALS: Record<Program, Message[]> = {
  napcat: [OPEN_NAPCAT, message("welcome.napcat_client", { label: "WebSocket 客户端" })],
  llbot: [OPEN_LLBOT, message("welcome.llbot_client", { label: "反向 WebSocket" })],
  other: [message("welcome.other_client")],
};

/** Where to look there: when perpetua dials it, or when it dials perpetua. */
export function whereToLook(program: Program, direction: "dial" | "wait"): Message[] {
  return (direction === "dial" ? DIALLED : DIALS)[program];
}
