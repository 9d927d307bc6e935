/** The way from QQ to the bot as a line of links; a problem sits on its own. */
import { Fragment, type ReactNode } from "react";
import type { Tone } from "../state/standing";
import classes from "./chain.module.css";
import { Icon } from "./icon";
import type { IconName } from "./icons";

/** One link with its state. */
export type ChainLink = {
  key: string;
  tone: Tone;
  icon: IconName;
  text: ReactNode;
  /** What else is known of it, less loud. */
  more?: ReactNode;
};

/** An ordered list to a screen reader. */
export function Chain({ label, links }: { label: string; links: ChainLink[] }) {
  return (
    <ol className={classes["chain"]} aria-label={label}>
      {links.map((link, place) => (
        <Fragment key={link.key}>
          {place > 0 ? <li aria-hidden className={classes["line"]} /> : null}
          <li className={classes["link"]}>
            <span className={classes["state"]} data-tone={link.tone}>
              <Icon name={link.icon} size={14} />
            </span>
            <span>{link.text}</span>
            {link.more ? <span className="faint">{link.more}</span> : null}
          </li>
        </Fragment>
      ))}
    </ol>
  );
}

/** A line from an account to one of its clients: solid while frames can flow. */
export function Wire({ open, last }: { open: boolean; last: boolean }) {
  return <span aria-hidden className={classes["wire"]} data-open={open} data-last={last} />;
}
