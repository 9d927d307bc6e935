/** A dialog; what somebody has changed in it is discarded by Esc only when that is pressed twice. */
import { Modal, type ModalProps } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { useRef, useState } from "react";
import { useWords } from "../words/context";
import classes from "./dialog.module.css";
import { isKey } from "./keys";

type Props = Pick<ModalProps, "title" | "size" | "padding" | "classNames" | "children"> & {
  opened: boolean;
  /** Something was changed in it that would be lost: a click outside does nothing then. */
  touched: boolean;
  onClose: () => void;
};

/** Keys that only accompany others. */
const HELD = ["Shift", "Control", "Alt", "Meta"];

/** The first Esc goes to the button with `data-cancel` and says that a second one discards. */
export function Dialog({ opened, touched, onClose, children, ...modal }: Props) {
  const words = useWords();
  const content = useRef<HTMLDivElement>(null);
  const [asks, setAsks] = useState(false);
  const isAsked = asks && opened && touched;

  const pressed = (event: KeyboardEvent) => {
    if (!opened || !touched || HELD.includes(event.key)) return;
    // An open list within it is what Esc closes.
    const isOfList =
      event.target instanceof Element && event.target.hasAttribute("data-mantine-stop-propagation");
    if (!isKey(event, "Escape") || isOfList) return setAsks(false);
    if (isAsked) {
      setAsks(false);
      return onClose();
    }
    setAsks(true);
    content.current?.querySelector<HTMLElement>("[data-cancel]")?.focus();
  };
  useWindowEvent("keydown", pressed, { capture: true });

  return (
    <Modal
      {...modal}
      opened={opened}
      onClose={onClose}
      closeOnClickOutside={!touched}
      closeOnEscape={!touched}
      closeButtonProps={{ "aria-label": words.t("app.close") }}
    >
      <div ref={content}>{children}</div>
      <p
        className={classes["again"]}
        data-asked={isAsked}
        data-bare={modal.padding === 0}
        role="status"
      >
        {isAsked ? words.t("app.esc_again") : null}
      </p>
    </Modal>
  );
}
