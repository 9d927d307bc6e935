/** Changes of the sources of cores: their order, one more, one less. */
import { useQueryClient } from "@tanstack/react-query";
import type { Result } from "../../components/option";
import { tableGone } from "../../components/table-gone";
import { type Order, useOrder } from "../../components/use-order";
import { usePutBack, useWritten } from "../../components/use-put-back";
import type { CoreList, CoreSourceShown, CoreSourceWanted, Message } from "../../generated/schema";
import { useDo } from "../../store/calls";
import { message } from "../../words/words";

/** A source, told from others that look alike by which of them it is. */
export type Source = CoreSourceShown & { key: string };

type Changes = {
  order: Order<Source>;
  /** Rejects when it was refused; the problem says why. */
  add: (source: CoreSourceWanted, name: string) => Promise<void>;
  remove: (key: string) => Promise<void>;
  running: boolean;
  /** Why the last change was refused. */
  problem: Message | null;
  forget: () => void;
};

function told(sources: CoreSourceShown[]): Source[] {
  return sources.map((one, at) => {
    const alike = sources.slice(0, at).filter((other) => name(other) === name(one));
    return { ...one, key: `${name(one)} ${alike.length}` };
  });
}

const name = ({ kind, place }: CoreSourceShown) => `${kind} ${place}`;

const TABLE = { header: /^\s*\[\[\s*core\s*\.\s*sources\s*\]\]/, own: /^\s*kind\s*=/ };

const kept = (place: number): CoreSourceWanted => ({ kind: "kept", place });

export function useSources(
  list: CoreList,
  onResult: (result: Result | null) => void,
  onProblem: (problem: Message) => void,
): Changes {
  const queries = useQueryClient();
  const edit = useDo("core_sources_edit", ["core_list"]);
  const written = useWritten();
  const putBack = usePutBack("core_list", onResult, onProblem);
  const known = told(list.sources);
  const again = () => queries.invalidateQueries({ queryKey: ["core_list"] });
  const shown = (key: string) => known.filter((one) => one.key === key);
  const seen = (sources: Source[]) => sources.map(({ kind, place }) => ({ kind, place }));
  const run = async (sources: CoreSourceWanted[], instead: Source[]) => {
    try {
      return await edit.run({ sources, instead_of: seen(instead) });
    } catch (refused) {
      // Somebody else may have changed them.
      await again();
      throw refused;
    }
  };
  const order = useOrder({
    known,
    keyOf: ({ key }) => key,
    save: (wanted, instead) =>
      run(
        wanted.map((key) => kept(instead.indexOf(key))),
        instead.flatMap(shown),
      ),
    again,
    moved: (key, place) =>
      message("cores.what_source_moved", { source: shown(key)[0]?.place ?? "", place }),
    onResult,
  });
  const all = known.map((_, place) => kept(place));
  return {
    order,
    add: async (source, name) => {
      onResult(null);
      const { pending } = await run([...all, source], known);
      const what = message("cores.what_source_added", { source: name });
      onResult({ said: message("settings.saved", { what }), pending });
    },
    remove: async (key) => {
      onResult(null);
      const before = await written();
      const left = all.filter((_, place) => known[place]?.key !== key);
      const { pending } = await run(left, known);
      const after = await written();
      const source = shown(key)[0]?.place ?? "";
      const what = message("cores.what_source_removed", { source });
      const isRead = before !== null && after !== null;
      const canBack = isRead && tableGone(TABLE, before, after) !== null;
      const undo = canBack ? () => void putBack(what, before, after) : undefined;
      onResult({ said: message("settings.saved", { what }), pending, undo });
    },
    running: edit.running,
    problem: edit.problem,
    forget: edit.forget,
  };
}
