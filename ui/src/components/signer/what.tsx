/** What a signer is, for who meets the word for the first time. */
import { useWords } from "../../words/context";
import { message } from "../../words/words";
import { Note } from "../note";
import classes from "./what.module.css";

/** Opens when somebody asks. */
export function WhatIsSigner() {
  const words = useWords();
  return (
    <details className={classes["what"]}>
      <summary>{words.t("welcome.signer_what")}</summary>
      <div>
        <p>{words.t("welcome.signer_what_signs")}</p>
        <p>{words.t("welcome.signer_what_where")}</p>
        <Note tone="idle" icon="eye" title={message("welcome.signer_sees")} />
      </div>
    </details>
  );
}
