/** A question with a field: Enter saves it, Esc closes it, twice if something was typed. */
import type { ReactNode } from "react";
import { Dialog } from "./dialog";
import { isComposing } from "./keys";

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
  return (
    <Dialog
      opened
      onClose={onClose}
      {...(size === undefined ? {} : { size })}
      title={title}
      touched={isTouched}
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
    </Dialog>
  );
}
