/** After the sentence about a move that ends every session. */
import { useWords } from "../words/context";
import { Said } from "../words/said";
import { message } from "../words/words";

/** A language that has spaces between sentences has one before it. */
export function SignInAnew() {
  const { language } = useWords();
  return (
    <>
      {language === "en" ? " " : ""}
      <Said message={message("app.moved_sign_in")} />
    </>
  );
}
