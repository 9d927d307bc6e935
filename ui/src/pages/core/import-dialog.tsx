/** A core from a file, a folder or an address. */
import { useState } from "react";
import { Dialog } from "../../components/dialog";
import { Elsewhere } from "../../components/installation/elsewhere";
import { useWords } from "../../words/context";

/** Closes when the installation has begun; its strip tells the rest. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const [typed, setTyped] = useState("");
  return (
    <Dialog
      opened
      touched={typed !== ""}
      onClose={onClose}
      size={520}
      title={words.t("setup.from_elsewhere")}
    >
      <Elsewhere onBegun={onClose} onTyped={setTyped} />
    </Dialog>
  );
}
