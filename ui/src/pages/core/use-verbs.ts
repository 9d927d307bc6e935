/** What is done with installed versions, and what came of it. */
import { useState } from "react";
import type { Result } from "../../components/option";
import type { CoreVersion, Message } from "../../generated/schema";
import { problemOf, useDo } from "../../store/calls";
import { message } from "../../words/words";

/** One at a time. */
export type Verbs = {
  /** The version that something is done with. */
  running: string | null;
  /** Why the last was not done. */
  problem: Message | null;
  /** The version that was found to differ from what was installed. */
  changed: { id: string; problem: Message } | null;
  use: (id: string) => void;
  verify: (id: string) => void;
  remove: (id: string) => void;
};

export function useVerbs(
  versions: CoreVersion[],
  onResult: (result: Result | null) => void,
): Verbs {
  const call = {
    use: useDo("core_use", ["core_list"]),
    verify: useDo("core_verify"),
    remove: useDo("core_remove", ["core_list"]),
  };
  const [running, setRunning] = useState<string | null>(null);
  const [problem, setProblem] = useState<Message | null>(null);
  const [changed, setChanged] = useState<Verbs["changed"]>(null);

  const run = async (id: string, deed: () => Promise<Result | null>) => {
    setRunning(id);
    setProblem(null);
    setChanged(null);
    onResult(null);
    try {
      onResult(await deed());
    } catch (error) {
      setProblem(problemOf(error));
    }
    setRunning(null);
  };
  const use = (id: string, undone = false) => {
    const before = versions.find((version) => version.current)?.id;
    return run(id, async () => {
      const { pending } = await call.use.run({ version: id });
      const what = message("cores.what_used", { version: id });
      if (undone) return { said: message("settings.undone", { what }), pending };
      const undo = before === undefined ? undefined : () => void use(before, true);
      return { said: message("settings.saved", { what }), pending, undo };
    });
  };
  const verify = (id: string) =>
    run(id, async () => {
      const found = await call.verify.run({ version: id });
      const wrong = found.find((one) => one.id === id)?.problem ?? null;
      if (wrong) setChanged({ id, problem: wrong });
      return wrong ? null : { said: message("cores.unchanged", { version: id }) };
    });
  const remove = (id: string) =>
    run(id, async () => {
      const { pending } = await call.remove.run({ version: id });
      const what = message("cores.what_removed", { version: id });
      return { said: message("settings.saved", { what }), pending };
    });
  return {
    running,
    problem,
    changed,
    use: (id) => void use(id),
    verify: (id) => void verify(id),
    remove: (id) => void remove(id),
  };
}
