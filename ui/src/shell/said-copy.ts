/** Copies where no button stands that could turn to a tick: what came of it is said where toasts are. */
import { copyText } from "../components/clipboard";
import type { Message } from "../generated/schema";
import { usePlatform } from "../store/context";
import { message } from "../words/words";
import { toast } from "./toast";

/** `said` is what is told once the text is really there. */
export function useSaidCopy(): (text: string, said: Message) => Promise<void> {
  const platform = usePlatform();
  return async (text, said) => {
    const result = await copyText(platform, text);
    switch (result.state) {
      case "copied":
        return toast({ said });
      case "by_hand":
        return toast({ said: message("app.copy_by_hand"), failed: true });
      case "failed":
        return toast({ said: result.problem, failed: true });
    }
  };
}
