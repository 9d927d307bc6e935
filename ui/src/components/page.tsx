/** The frame of every page: its title, one line under it, what can be done at the right. */
import { type ReactNode, useEffect, useState } from "react";
import { Banner } from "../shell/banner";
import { useWords } from "../words/context";
import { Sentence } from "../words/said";
import classes from "./page.module.css";

type Props = {
  title: string;
  /** The way back to the page that this one belongs to. */
  above?: ReactNode;
  /** One line under the title. */
  line?: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  /** The page fills the window and scrolls inside of itself, as a chat does. */
  fill?: boolean;
  /** The title is read aloud when it changes. */
  live?: boolean;
  /** Without the banner of a lost connection, where the page says it itself. */
  children: ReactNode;
};

/** Under the title stands the banner while the connection is lost. */
export function Page(props: Props) {
  const { title, above, line, lead, actions, fill = false, live = false, children } = props;
  const words = useWords();
  useEffect(() => {
    document.title = words.t("app.title", { page: title });
  }, [title, words]);
  return (
    <div className={classes["page"]} data-fill={fill}>
      {above}
      <header className={classes["head"]}>
        {lead}
        <div className="grow">
          <h1 aria-live={live ? "polite" : undefined}>
            <Sentence text={title} />
          </h1>
          {line ? <p className={classes["line"]}>{line}</p> : null}
        </div>
        {actions ? <div className={classes["actions"]}>{actions}</div> : null}
      </header>
      <Banner />
      {children}
    </div>
  );
}

const SKELETON_AFTER_MS = 200;

/** Shows its content only when waiting has taken long enough to be noticed. */
export function Late({
  children,
  after = SKELETON_AFTER_MS,
}: {
  children: ReactNode;
  after?: number;
}) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), after);
    return () => clearTimeout(timer);
  }, [after]);
  return late ? children : null;
}

/** What an empty page says, with the one thing to do. */
export function Empty({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={classes["empty"]}>
      <p className="medium">{title}</p>
      {children ? <div className="quiet sm">{children}</div> : null}
      {action}
    </div>
  );
}
