/** A question with a field: Enter saves it, Esc and a click outside close it unless something was typed. */
import { Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { isComposing } from "../../components/keys";
import { useWords } from "../../words/context";

type Props = {
  title: string;
  size?: number;
  /** Something was typed that would be lost. */
  isTouched: boolean;
  onSubmit: () => Promise<void>;
  onClose: () => void;
  children: ReactNode;
};

export function FormDialog({ title, size, isTouched, onSubmit, onClose, children }: Props) {
  const words = useWords();
  return (
    <Modal
      opened
      onClose={onClose}
      {...(size === undefined ? {} : { size })}
      title={title}
      closeOnClickOutside={!isTouched}
      closeOnEscape={!isTouched}
      closeButtonProps={{ "aria-label": words.t("app.close") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void onSubmit();
        }}
        onKeyDown={(event) => {
          // Enter that picks a word of an input method saves nothing.
          if (isComposing(event)) event.stopPropagation();
        }}
      >
        {children}
      </form>
    </Modal>
  );
}
