/** Where cores come from, in the order in which the places are asked. */
import { Link } from "@tanstack/react-router";
import type { CoreList, CoreSourceKind } from "../../generated/schema";
import { useNow } from "../../store/ticker";
import { time } from "../../words/amounts";
import { useWords } from "../../words/context";
import type { Code } from "../../words/words";
import classes from "./core.module.css";

const KINDS: Record<CoreSourceKind, Code> = {
  github: "cores.source_github",
  index: "cores.source_index",
  mirror: "cores.source_mirror",
  local: "cores.source_local",
};

/** They are changed in the file. */
export function Sources({ list }: { list: CoreList }) {
  const words = useWords();
  const now = useNow();
  const { sources, auto_install: isAutomatic, checked_ms: checked } = list;
  return (
    <section>
      <div className={classes["sourcesHead"]}>
        <h2 className="section-title">{words.t("cores.sources")}</h2>
        <Link to="/settings/toml" className={classes["toFile"]}>
          {words.t("settings.edit_file")}
        </Link>
      </div>
      <ol className={`card ${classes["sources"]}`} aria-label={words.t("cores.sources")}>
        {sources.map(({ kind, place }, order) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two may be equal, and their order is what they are
          <li key={order}>
            <span className="medium">{words.say({ code: KINDS[kind] })}</span>
            <span className={`mono ${classes["place"]}`}>{place}</span>
          </li>
        ))}
      </ol>
      <p className={classes["hint"]}>
        {words.t(isAutomatic ? "cores.automatic" : "cores.by_hand")}{" "}
        {checked === null ? null : words.t("cores.checked", { time: time(words, checked, now) })}
      </p>
    </section>
  );
}
