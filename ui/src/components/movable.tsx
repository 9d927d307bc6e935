/** Rows that can be moved: by a handle, by Alt with an arrow, from a menu. */
import { Menu } from "@mantine/core";
import { type DragEvent, type KeyboardEvent, useRef, useState } from "react";
import { useIsLive } from "../store/context";
import { useWords } from "../words/context";
import { isKey } from "./keys";

type Move = (key: string, place: number) => void;

/** A row that is taken by its handle, and the one that it is held over. */
export type Drag = {
  /** Of the handle. */
  handle: (key: string) => {
    draggable: boolean;
    onDragStart: (event: DragEvent) => void;
    onDragEnd: () => void;
  };
  /** Of the row. */
  row: (
    key: string,
    place: number,
  ) => {
    "data-over": boolean;
    onDragOver: (event: DragEvent) => void;
    onDrop: (event: DragEvent) => void;
    onKeyDown: (event: KeyboardEvent) => void;
  };
};

export function useDrag(move: Move): Drag {
  const isLive = useIsLive();
  const held = useRef<string | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const end = () => {
    held.current = null;
    setOver(null);
  };
  return {
    handle: (key) => ({
      draggable: isLive,
      onDragStart: (event) => {
        held.current = key;
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", key);
        const row = event.currentTarget.closest("li");
        if (row) event.dataTransfer.setDragImage(row, 0, 0);
      },
      onDragEnd: end,
    }),
    row: (key, place) => ({
      "data-over": over === key,
      onDragOver: (event) => {
        if (held.current === null) return;
        event.preventDefault();
        setOver(key);
      },
      onDrop: (event) => {
        if (held.current === null) return;
        event.preventDefault();
        move(held.current, place);
        end();
      },
      onKeyDown: (event) => {
        const by = isKey(event, "ArrowUp") ? -1 : isKey(event, "ArrowDown") ? 1 : 0;
        if (!event.altKey || by === 0 || !isLive) return;
        event.preventDefault();
        move(key, place + by);
      },
    }),
  };
}

/** The keys that do the same. */
function Keys({ of }: { of: string }) {
  return <kbd aria-hidden>{of}</kbd>;
}

type ItemsProps = { place: number; count: number; onMove: (place: number) => void };

/** Up and down, for a row's menu. */
export function MoveItems({ place, count, onMove }: ItemsProps) {
  const words = useWords();
  const isLive = useIsLive();
  return (
    <>
      <Menu.Item
        disabled={!isLive || place === 0}
        rightSection={<Keys of="Alt ↑" />}
        onClick={() => onMove(place - 1)}
      >
        {words.t("signers.move_up")}
      </Menu.Item>
      <Menu.Item
        disabled={!isLive || place === count - 1}
        rightSection={<Keys of="Alt ↓" />}
        onClick={() => onMove(place + 1)}
      >
        {words.t("signers.move_down")}
      </Menu.Item>
    </>
  );
}
