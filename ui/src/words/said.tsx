/** A sentence on the page: what stands in backticks is shown as code. */
import type { ReactNode } from "react";
import type { Message } from "../generated/schema";
import { useWords } from "./context";
import { ownWords } from "./for-pages";
import { harmless, harmlessName } from "./harmless";

/** A sentence that has been made already. */
export function Sentence({ text }: { text: string }) {
  const { language } = useWords();
  const parts = text.split("`");
  // Without a partner the last backtick is a letter like others.
  const closed =
    parts.length % 2 === 1 ? parts : [...parts.slice(0, -2), parts.slice(-2).join("`")];
  return closed.map((part, place) => {
    if (place % 2 === 1) {
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence have no names
      return <code key={place}>{part}</code>;
    }
    return language === "en" ? marked(part, place) : part;
  });
}

/** Chinese within an English sentence, as QQ's own words are, with the marks between its letters. */
const CHINESE = /(\p{Script=Han}(?:[\p{Script=Han}\u3000-\u303f\uff00-\uffef\w]*\p{Script=Han})?)/u;

/** The Chinese in a text is told to be Chinese: to what reads it aloud, and to what chooses a font. */
function marked(text: string, place: number): ReactNode {
  if (!CHINESE.test(text)) return text;
  return text.split(CHINESE).map((part, piece) =>
    piece % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence have no names
      <span key={`${place} ${piece}`} lang="zh-CN">
        {part}
      </span>
    ) : (
      part
    ),
  );
}

/** A name that somebody chose: it keeps its own direction, and is in no language of the page. */
export function Name({ of }: { of: string }) {
  return <bdi>{harmlessName(of)}</bdi>;
}

/**
 * A message as a sentence in the page's language; `alone` where nothing stands before it. What a library said in
 * its own words stands under it.
 */
export function Said({ message, alone = false }: { message: Message; alone?: boolean }) {
  const words = useWords();
  const own = [...new Set(ownWords(message))];
  return (
    <>
      <Sentence text={alone ? words.alone(message) : words.say(message)} />
      {own.map((text) => (
        <span key={text} className="mono own-words" lang="en">
          {harmless(text)}
        </span>
      ))}
    </>
  );
}
