/** A list of any length: only the rows in sight exist. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, type Ref, useImperativeHandle, useRef } from "react";

/** What a page may ask of its list. */
export type ListHandle = {
  scrollTo: (index: number, align?: "start" | "center" | "end" | "auto") => void;
  /** Whether the last row is in sight. */
  isAtEnd: () => boolean;
};

type Props<T> = {
  items: readonly T[];
  keyOf: (item: T, index: number) => string | number;
  /** The height of a row; of the first guess where rows are measured. */
  height: number;
  /** Rows differ in height. */
  measured?: boolean;
  children: (item: T, index: number) => ReactNode;
  /** Names the list for a screen reader. */
  label: string;
  className?: string | undefined;
  role?: "list" | "log";
  handle?: Ref<ListHandle>;
  onScroll?: () => void;
};

/** How far from the end still counts as the end, in pixels. */
const END = 24;

/** Scrolls by itself; its height is its parent's. */
export function VirtualList<T>(props: Props<T>) {
  const { items, keyOf, height, measured = false, children, label, role = "list" } = props;
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    getItemKey: (index) => {
      const item = items[index];
      return item === undefined ? index : keyOf(item, index);
    },
    overscan: 8,
  });
  useImperativeHandle(props.handle, () => ({
    scrollTo: (index, align = "auto") => rows.scrollToIndex(index, { align }),
    isAtEnd: () => {
      const element = box.current;
      if (!element) return true;
      return element.scrollHeight - element.scrollTop - element.clientHeight <= END;
    },
  }));
  return (
    <div
      ref={box}
      role={role === "log" ? "log" : "presentation"}
      tabIndex={0}
      className={props.className}
      style={{ overflow: "auto", height: "100%", contain: "strict" }}
      onScroll={props.onScroll}
    >
      <ul aria-label={label} style={{ height: rows.getTotalSize(), position: "relative" }}>
        {rows.getVirtualItems().map((row) => {
          const item = items[row.index];
          return item === undefined ? null : (
            <li
              key={row.key}
              aria-setsize={items.length}
              aria-posinset={row.index + 1}
              data-index={row.index}
              ref={measured ? rows.measureElement : undefined}
              style={{
                position: "absolute",
                insetInline: 0,
                transform: `translateY(${row.start}px)`,
                ...(measured ? {} : { height: row.size }),
              }}
            >
              {children(item, row.index)}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
