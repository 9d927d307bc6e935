/** A text with the numbers of its lines, some of them marked. */
import { type Ref, useImperativeHandle, useMemo, useRef } from "react";
import classes from "./toml.module.css";

/** What can be asked of it. */
export type EditorHandle = {
  /** Puts the cursor there; both are counted from 1. */
  go: (line: number, column: number) => void;
};

type Props = {
  ref: Ref<EditorHandle>;
  label: string;
  text: string;
  /** Numbers of lines. */
  marked: number[];
  onChange: (text: string) => void;
};

/** Where a line and a column, in characters, are in a text. */
export function placeIn(text: string, line: number, column: number): number {
  const lines = text.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const within = [...(lines[line - 1] ?? "")].slice(0, column - 1).join("").length;
  return Math.min(text.length, before + within);
}

export function Editor({ ref, label, text, marked, onChange }: Props) {
  const field = useRef<HTMLTextAreaElement>(null);
  const numbers = useRef<HTMLDivElement>(null);
  useImperativeHandle(ref, () => ({
    go: (line, column) => {
      const place = placeIn(text, line, column);
      field.current?.focus();
      field.current?.setSelectionRange(place, place);
    },
  }));
  const count = useMemo(() => text.split("\n").length, [text]);
  return (
    <div className={`card ${classes["editor"]}`}>
      <div ref={numbers} className={classes["numbers"]} data-scrolled-along aria-hidden>
        {Array.from({ length: count }, (_, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is known by its number
          <span key={place} data-marked={marked.includes(place + 1)}>
            {place + 1}
          </span>
        ))}
      </div>
      <textarea
        ref={field}
        className={classes["text"]}
        aria-label={label}
        aria-invalid={marked.length > 0}
        wrap="off"
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        value={text}
        onChange={(event) => onChange(event.currentTarget.value)}
        onScroll={(event) => {
          if (numbers.current) numbers.current.scrollTop = event.currentTarget.scrollTop;
        }}
      />
    </div>
  );
}
