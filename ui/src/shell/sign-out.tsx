/** The way out of a browser; there is none in a window, where nobody has to sign in. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { Icon } from "../components/icon";
import type { Message } from "../generated/schema";
import { problemOf } from "../store/calls";
import { useSession } from "../store/context";
import { useWords } from "../words/context";
import { Said } from "../words/said";

/** Ends the session wherever it is used; that it did not work is said where it was pressed. */
export function SignOut() {
  const words = useWords();
  const session = useSession();
  const [problem, setProblem] = useState<Message | null>(null);
  if (!session) return null;
  const out = () => {
    session.signOut().catch((error: unknown) => setProblem(problemOf(error)));
  };
  return (
    <div>
      <div className="cut">{location.host}</div>
      <Button
        variant="subtle"
        size="xs"
        px={8}
        ml={-8}
        leftSection={<Icon name="logout" size={16} />}
        onClick={out}
      >
        {words.t("sign_in.out")}
      </Button>
      {problem ? (
        <p role="alert">
          <Said message={problem} alone />
        </p>
      ) : null}
    </div>
  );
}
