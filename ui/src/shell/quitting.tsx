/** Over everything while perpetua ends. */
import { Icon } from "../components/icon";
import type { Message } from "../generated/schema";
import { useWords } from "../words/context";
import { Said } from "../words/said";
import { message } from "../words/words";
import classes from "./quitting.module.css";
import { useShellEvents } from "./shell-status";

/** What is ended; that there is none of something is not said. */
function whatEnds(clients: number, cores: boolean): Message {
  if (clients === 0) return message(cores ? "app.quit_cores" : "app.quit_alone");
  return message(cores ? "app.quit_clients_cores" : "app.quit_clients", { count: clients });
}

/** What is being ended, and how long it may take. */
export function Quitting() {
  const words = useWords();
  const quitting = useShellEvents();
  if (!quitting) return null;
  const { clients, cores, seconds, why } = quitting;
  const said = whatEnds(clients, cores > 0);
  return (
    <div className={classes["over"]} role="alert">
      <Icon name="loader-2" size={24} />
      <p className="medium">{words.say(said)}</p>
      {why ? (
        <p className="quiet sm">
          <Said message={why} />
        </p>
      ) : null}
      <p className="quiet sm">{words.t("app.quit_limit", { seconds })}</p>
    </div>
  );
}
