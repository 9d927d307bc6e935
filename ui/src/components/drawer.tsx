/** A page beside a list: no overlay, so that other rows can be chosen meanwhile. Focus comes and goes. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { Banner } from "../shell/banner";
import { useWords } from "../words/context";
import classes from "./drawer.module.css";
import { Icon } from "./icon";
import { isKey } from "./keys";

type Props = {
  /** What the drawer is about, for a screen reader. */
  label: string;
  head: ReactNode;
  foot?: ReactNode;
  children: ReactNode;
  onClose: () => void;
};

/** 440 px at the right; on a phone it is a page of its own. */
export function Drawer({ label, head, foot, children, onClose }: Props) {
  const words = useWords();
  const panel = useRef<HTMLElement>(null);
  // It covers the page, and with it the banner that stands there.
  const isPhone = useMediaQuery("(max-width: 37.4375em)");

  useEffect(() => {
    const before = document.activeElement;
    panel.current?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);

  const pressed = (event: KeyboardEvent) => {
    if (!isKey(event, "Escape") || event.defaultPrevented) return;
    event.preventDefault();
    onClose();
  };
  const close = words.t("app.close");
  return (
    <aside
      ref={panel}
      className={classes["drawer"]}
      aria-label={label}
      tabIndex={-1}
      onKeyDown={pressed}
    >
      <header className={classes["head"]}>
        <div className="grow">{head}</div>
        <Tooltip label={close}>
          <ActionIcon aria-label={close} onClick={onClose}>
            <Icon name="x" size={16} />
          </ActionIcon>
        </Tooltip>
      </header>
      {isPhone ? (
        <div className={classes["banner"]}>
          <Banner />
        </div>
      ) : null}
      <div className={classes["body"]}>{children}</div>
      {foot ? <footer className={classes["foot"]}>{foot}</footer> : null}
    </aside>
  );
}
