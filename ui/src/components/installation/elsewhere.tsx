/** A core from elsewhere: a file of whoever sits here, or what perpetua itself can reach. */
import { usePlatform } from "../../store/context";
import { useWords } from "../../words/context";
import { ChosenFile } from "./chosen";
import { InstallFrom } from "./from";
import classes from "./installation.module.css";
import { UploadedFile } from "./uploaded";

type Props = {
  onBegun?: () => void;
  /** What stands in the field by now. */
  onTyped?: (from: string) => void;
};

/** The window chooses a file of the machine that it shares with perpetua; a browser sends one. */
export function Elsewhere({ onBegun, onTyped }: Props) {
  const words = useWords();
  const { shell, browser } = usePlatform();
  return (
    <div className={classes["elsewhere"]}>
      {shell ? <ChosenFile onBegun={onBegun} /> : null}
      {browser ? <UploadedFile browser={browser} onBegun={onBegun} /> : null}
      {shell || browser ? <p className={classes["or"]}>{words.t("cores.or_place")}</p> : null}
      <InstallFrom onBegun={onBegun} onTyped={onTyped} />
    </div>
  );
}
