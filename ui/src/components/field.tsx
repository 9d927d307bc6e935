/** A field that is saved when it is left or with Enter, with the line under it that says what is wrong. */
import { TextInput } from "@mantine/core";
import type { KeyboardEvent, ReactNode } from "react";
import type { Message } from "../generated/schema";
import { useWords } from "../words/context";
import { isKey } from "./keys";
import { useTyped } from "./typed";

type Props = {
  label?: string;
  /** What is saved now. */
  value: string;
  /** Called with what was typed, when it is another value; what it gives tells whether it was saved. */
  onSave: (value: string) => Promise<boolean> | undefined;
  /** Why it was not saved, said under the field. */
  problem?: Message | null | undefined;
  /** The same is said elsewhere. */
  failed?: boolean;
  placeholder?: string;
  disabled?: boolean;
  mono?: boolean;
  /** A password is not shown. */
  type?: "text" | "password";
  width?: number | string;
  left?: ReactNode;
  "aria-labelledby"?: string;
  "aria-describedby"?: string;
};

/** Esc takes back what was typed. */
export function Field({
  value,
  onSave,
  problem,
  mono = false,
  width,
  left,
  label,
  failed = false,
  ...input
}: Props) {
  const words = useWords();
  const typed = useTyped(value, failed || (problem ?? null) !== null);
  const { overtaken } = typed;
  const save = () => {
    if (typed.text === null || typed.text === value) return;
    const { text } = typed;
    typed.asked(text);
    void onSave(text)?.then((isSaved) => {
      if (isSaved) typed.saved(text);
    });
    // What is kept and never shown is not kept in the field either.
    if (input.type === "password") typed.drop();
  };
  // What was saved with Enter is not saved again when the field is left, before its reply has come.
  // What was changed elsewhere meanwhile is replaced by Enter only.
  const leave = () => {
    if (!overtaken && !typed.wasAsked(typed.text)) save();
  };
  const pressed = (event: KeyboardEvent<HTMLInputElement>) => {
    if (isKey(event, "Enter")) {
      // What takes the focus then is not pressed by the same key.
      event.preventDefault();
      save();
    }
    if (isKey(event, "Escape") && typed.text !== null) {
      event.preventDefault();
      typed.drop();
    }
  };
  return (
    <TextInput
      {...input}
      {...(label === undefined ? {} : { label })}
      w={width}
      leftSection={left}
      styles={mono ? { input: { fontFamily: "var(--mono)" } } : {}}
      value={typed.shown}
      error={problem ? <span role="alert">{words.alone(problem)}</span> : null}
      description={overtaken ? <span role="status">{words.alone(overtaken)}</span> : null}
      inputWrapperOrder={["label", "input", "error", "description"]}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => typed.type(event.currentTarget.value)}
      onBlur={leave}
      onKeyDown={pressed}
    />
  );
}
