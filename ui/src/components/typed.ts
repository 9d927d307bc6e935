/** A text that is being typed over a saved one, which may be changed elsewhere meanwhile. */
import { useEffect, useRef, useState } from "react";
import type { Message } from "../generated/schema";
import { message } from "../words/words";

export type Typed = {
  /** What the field shows. */
  shown: string;
  /** What was typed; null while the saved one is shown. */
  text: string | null;
  type: (text: string) => void;
  /** Back to what is saved. */
  drop: () => void;
  /** Says what is asked to be saved: once it is, nothing is typed any more. */
  asked: (text: string) => void;
  wasAsked: (text: string | null) => boolean;
  /** Says that it was saved, maybe as what was saved before: `127.0.0.1:80` as the whole address. */
  saved: (text: string) => void;
  /** Says that the saved one is another than when the typing began. */
  overtaken: Message | null;
};

/** `failed`: what was asked to be saved was not. What is typed stays until it is saved or dropped. */
export function useTyped(saved: string, failed: boolean): Typed {
  const [typing, setTyping] = useState<{ text: string; over: string } | null>(null);
  const asked = useRef<string | null>(null);
  const hasFailed = useRef(failed);
  hasFailed.current = failed;
  useEffect(() => {
    const ours = hasFailed.current ? null : asked.current;
    asked.current = null;
    setTyping((before) => {
      if (before === null || before.text === saved || before.text === ours) return null;
      return ours === null ? before : { ...before, over: saved };
    });
  }, [saved]);
  return {
    shown: typing?.text ?? saved,
    text: typing?.text ?? null,
    type: (text) => setTyping((before) => ({ text, over: before?.over ?? saved })),
    drop: () => setTyping(null),
    asked: (text) => {
      asked.current = text;
    },
    wasAsked: (text) => text === asked.current,
    saved: (text) => {
      asked.current = null;
      setTyping((before) => (before?.text === text ? null : before));
    },
    overtaken: typing && typing.over !== saved ? message("app.overtaken", { value: saved }) : null,
  };
}
