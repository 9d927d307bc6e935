/** Tests signers of the settings by name: which are being asked, and which could not be. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Message, SignerStatus } from "../../generated/schema";
import { problemOf } from "../../store/calls";
import { useIsLive, usePlatform } from "../../store/context";

/** `asking` has the names of those that have not answered yet. */
export type Tests = {
  asking: string[];
  /** Why a test could not be made, by the signer's name. */
  failed: Record<string, Message>;
  test: (name: string) => void;
};

/** Asks each that `isDue` once, as soon as somebody looks. */
export function useTests(signers: SignerStatus[], isDue: (signer: SignerStatus) => boolean): Tests {
  const platform = usePlatform();
  const queries = useQueryClient();
  const isLive = useIsLive();
  const [asking, setAsking] = useState<string[]>([]);
  const [failed, setFailed] = useState<Record<string, Message>>({});
  const begun = useRef(new Set<string>());
  const test = useCallback(
    async (name: string) => {
      begun.current.add(name);
      setAsking((before) => [...before, name]);
      setFailed(({ [name]: _, ...others }) => others);
      try {
        await platform.call("signer_test", { name });
        await queries.invalidateQueries({ queryKey: ["signer_list"] });
      } catch (error) {
        const problem = problemOf(error);
        setFailed((before) => ({ ...before, [name]: problem }));
      }
      setAsking((before) => before.filter((other) => other !== name));
    },
    [platform, queries],
  );
  useEffect(() => {
    if (!isLive) return;
    for (const signer of signers) {
      if (isDue(signer) && !begun.current.has(signer.name)) void test(signer.name);
    }
  }, [isLive, signers, isDue, test]);
  return { asking, failed, test: (name: string) => void test(name) };
}
