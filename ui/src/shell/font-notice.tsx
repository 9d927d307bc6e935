/**
 * Where the system has no Chinese letters, the Chinese page is all boxes: it says what to install, in
 * the language that can be read.
 */
import { useEffect, useState } from "react";
import { Note } from "../components/note";
import { useWords } from "../words/context";
import { load } from "../words/language";
import type { Words } from "../words/words";
import classes from "./banner.module.css";
import { useShellStatus } from "./shell-status";

/** As Debian and Ubuntu call it. */
const PACKAGE = "fonts-noto-cjk";

/** Nothing where there is such a font, or nothing Chinese to read. */
export function FontNotice() {
  const words = useWords();
  const [english, setEnglish] = useState<Words | null>(null);
  const isMissing = useShellStatus()?.cjk_font === false && words.language === "zh-CN";
  useEffect(() => {
    if (isMissing) void load("en").then(setEnglish);
  }, [isMissing]);
  if (!isMissing || !english) return null;
  const said = english.t("app.no_font", { package: PACKAGE });
  return (
    <div className={classes["banner"]} lang="en">
      <Note tone="you" icon="language" title={said} />
    </div>
  );
}
