/** The signers of the settings, with what each said last. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useCall } from "../../store/calls";
import { useView } from "../../store/context";

/** Asked anew when a core has asked a signer, or has gone over to another one. */
export function useSigners() {
  const queries = useQueryClient();
  const list = useCall("signer_list", {});
  const heard = useView((view) => {
    const cores = view.status?.accounts.map(({ core }) => core) ?? [];
    return JSON.stringify(cores.map((core) => core && [core.signer, core.process?.pid]));
  });
  const last = useRef(heard);
  useEffect(() => {
    if (last.current === heard) return;
    last.current = heard;
    void queries.invalidateQueries({ queryKey: ["signer_list"] });
  }, [queries, heard]);
  return list;
}
