/** Does what an entry of the palette promises. */
import { useRouter } from "@tanstack/react-router";
import { copyText } from "../../components/clipboard";
import { asksForToken, withToken } from "../../components/connect/snippet";
import type { Copied } from "../../components/copy";
import { useDeed } from "../../components/deed";
import type { Framework, Message } from "../../generated/schema";
import { CallFailed, type Platform } from "../../platform";
import { problemOf } from "../../store/calls";
import { usePlatform } from "../../store/context";
import { harmless } from "../../words/harmless";
import { message } from "../../words/words";
import { toast } from "../toast";
import type { Act } from "./entries";

/** Gives why it did not work; null when it has. */
export function useAct(): (act: Act) => Promise<Message | null> {
  const done = useDone();
  return async (act) => {
    try {
      return await done(act);
    } catch (error) {
      return problemOf(error);
    }
  };
}

function useDone(): (act: Act) => Promise<Message | null> {
  const platform = usePlatform();
  const router = useRouter();
  const deed = useDeed();
  return async (act) => {
    switch (act.do) {
      case "deed":
      case "end":
        await deed(act.deed);
        if (act.to !== null) router.history.push(act.to);
        return null;
      case "copy_lines": {
        const { account, client, framework } = act;
        return copyLines(platform, { account, client }, framework);
      }
      case "copy_address":
        return copy(
          platform,
          act.address,
          message("palette.copied_address", { client: act.client }),
        );
      case "open_logs":
        await platform.shell?.call("folder_open", { folder: "logs" });
        return null;
    }
  };
}

type Names = { account: string; client: string };

async function copyLines(
  platform: Platform,
  names: Names,
  framework: Framework,
): Promise<Message | null> {
  const shown = { client: harmless(names.client) };
  const lines = async () => {
    const { snippets } = await platform.call("guide", { ...names, framework });
    if (snippets.length === 0) {
      throw new CallFailed({ code: "not_found", message: message("palette.no_lines", shown) });
    }
    const token = snippets.some(asksForToken) ? (await platform.call("token", names)).token : null;
    return snippets.map((snippet) => withToken(snippet, token)).join("\n\n");
  };
  return copy(platform, lines, message("palette.copied_lines", shown));
}

/** The palette is gone by then: a toast says that it is there. */
async function copy(platform: Platform, text: Copied, said: Message): Promise<Message | null> {
  const result = await copyText(platform, text);
  if (result.state === "by_hand") return message("app.copy_by_hand");
  if (result.state === "failed") return result.problem;
  toast({ said });
  return null;
}
