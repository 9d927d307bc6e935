/** A core from a file, a folder or an address. */
import { Modal } from "@mantine/core";
import { Elsewhere } from "../../components/installation/elsewhere";
import { useWords } from "../../words/context";

/** Closes when the installation has begun; its strip tells the rest. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const words = useWords();
  return (
    <Modal
      opened
      onClose={onClose}
      size={520}
      title={words.t("setup.from_elsewhere")}
      closeButtonProps={{ "aria-label": words.t("app.close") }}
    >
      <Elsewhere onBegun={onClose} />
    </Modal>
  );
}
