/** A sentence after another one. */
import type { Message } from "../generated/schema";
import { useWords } from "../words/context";
import { Said } from "../words/said";

/** A language that has spaces between sentences has one before it. */
export function NextSentence({ message }: { message: Message }) {
  const { language } = useWords();
  return (
    <>
      {language === "en" ? " " : ""}
      <Said message={message} />
    </>
  );
}
