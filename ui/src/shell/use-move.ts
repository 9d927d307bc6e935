/** Whether this page will have to be opened at another address. */
import { listenOf, type Move, moveOf, movesAtStart } from "../state/moving";
import { useCall } from "../store/calls";
import { useIsLive, usePlatform, useView } from "../store/context";

/** Where it goes if perpetua listens there from its next start; a window finds perpetua by itself. */
export function useMoves(): (listen: string) => Move | null {
  const { kind } = usePlatform();
  const now = useView((view) => view.status?.api);
  return (listen) =>
    kind === "window" || now === undefined ? null : moveOf(listen, listenOf(now), window.location);
}

/** The move that a changed address waits with. It is known on, while perpetua is away. */
export function useMove(): Move | null {
  const isLive = useIsLive();
  const moves = useMoves();
  const waits = useView((view) => movesAtStart(view.status?.problems ?? []));
  const { data } = useCall("network_read", {}, { enabled: isLive && waits });
  return waits && data ? moves(data.listen) : null;
}
