/** What each deed does, whoever offers it. */
import { useRouter } from "@tanstack/react-router";
import type { Deed } from "../state/standing";
import { never } from "../state/standing";
import { usePlatform } from "../store/context";

type Opening = Extract<Deed, { do: "open_signers" | "open_core" }>;

/** In the first run signers and cores have a step each, which knows the way back. */
function open(router: ReturnType<typeof useRouter>, deed: Opening): Promise<void> {
  const { pathname, search } = router.state.location;
  const { account } = deed;
  if (pathname.startsWith("/welcome/") && search.way !== undefined) {
    const step = deed.do === "open_core" ? "core" : "signer";
    return router.navigate({
      to: "/welcome/$step",
      params: { step },
      search: { way: search.way, account },
    });
  }
  if (deed.do === "open_core") return router.navigate({ to: "/core" });
  return router.navigate({ to: "/signers", search: deed.add ? { add: true } : {} });
}

/** Does what a button or a row promises; rejects as the call does. */
export function useDeed(): (deed: Deed) => Promise<unknown> {
  const platform = usePlatform();
  const router = useRouter();
  return async (deed) => {
    switch (deed.do) {
      case "go":
        return router.history.push(deed.to);
      case "open_signers":
      case "open_core":
        return open(router, deed);
      case "start":
      case "restart":
      case "stop":
      case "reconnect":
        return platform.call(deed.do, { account: deed.account });
      case "login":
        await platform.call("login", { account: deed.account });
        return router.navigate({
          to: "/accounts/$account/login",
          params: { account: deed.account },
        });
      case "enable":
        return platform.call("set_account_enabled", { account: deed.account, enabled: true });
      case "enable_client":
        return platform.call("set_client_enabled", {
          account: deed.account,
          client: deed.client,
          enabled: true,
        });
      case "test_signer":
        return platform.call("signer_test", { name: deed.name });
      case "install_core":
        return platform.call("core_install", {});
      case "retry_failed":
        return platform.call("retry_failed", {});
      default:
        return never(deed);
    }
  };
}
