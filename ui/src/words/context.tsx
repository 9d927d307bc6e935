/** The words of the page, for React. */
import {
  createContext,
  type ReactNode,
  use,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { chosen, keepWish, lastWish, load, preferred, type Wish } from "./language";
import type { Words } from "./words";

type Speech = {
  words: Words;
  wish: Wish;
  /** Changes the language of the page; the settings are somebody else's to change. */
  speak: (wish: Wish) => void;
};

const Context = createContext<Speech | null>(null);

/** Lets everything inside speak. */
export function WordsProvider({ first, children }: { first: Words; children: ReactNode }) {
  const [words, setWords] = useState(first);
  const [wish, setWish] = useState(lastWish);

  const latest = useRef<Wish>(null);
  const speak = useCallback((next: Wish) => {
    latest.current = next;
    keepWish(next);
    setWish(next);
    void load(chosen(next, preferred())).then((loaded) => {
      // One that was chosen before it may come later.
      if (latest.current === next) setWords(loaded);
    });
  }, []);

  useEffect(() => {
    document.documentElement.lang = words.language;
  }, [words]);

  const speech = useMemo(() => ({ words, wish, speak }), [words, wish, speak]);
  return <Context value={speech}>{children}</Context>;
}

/** The whole of it, for the page that changes the language. */
export function useSpeech(): Speech {
  const speech = use(Context);
  if (!speech) throw new Error("nothing speaks outside of WordsProvider");
  return speech;
}

/** The words of the page's language. */
export function useWords(): Words {
  return useSpeech().words;
}
