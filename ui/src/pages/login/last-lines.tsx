/** What a core wrote before it was given up. */
import { CopyButton } from "../../components/copy";
import { useWords } from "../../words/context";
import classes from "./login.module.css";

/** Nothing when it wrote nothing. */
export function LastLines({ lines }: { lines: string[] }) {
  const words = useWords();
  if (lines.length === 0) return null;
  return (
    <section className={classes["lines"]} aria-label={words.t("qr.last_lines")}>
      <div className="row">
        <h2 className="section-title grow">{words.t("qr.last_lines")}</h2>
        <CopyButton text={lines.join("\n")} label={words.t("connect.copy")} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled by keyboard */}
      <pre tabIndex={0}>{lines.join("\n")}</pre>
    </section>
  );
}
