/** What an address that was typed in short, or with an input method, will be. */

import { Said } from "../words/said";
import { message } from "../words/words";

/** Nothing where it is saved as it was typed; a `/` at its end makes no other address. */
export function SavedAs({ typed, address }: { typed: string; address: string }) {
  const isSame = address.replace(/\/$/, "") === typed.trim().replace(/\/$/, "");
  return (
    <span role="status">
      {isSame ? null : <Said message={message("app.saved_as", { address })} />}
    </span>
  );
}
