/** What tests of pages ask and look for. */
import { screen } from "@testing-library/react";
import type { FakePlatform } from "./fake-platform";

/** The parameters of each call of a name, as the page made them. */
export function calls<P>(platform: FakePlatform, name: string): P[] {
  return platform.called.filter((call) => call.name === name).map(({ params }) => params as P);
}

/** The drawer of a client, once the client is known. */
export async function drawer(name: string): Promise<HTMLElement> {
  await screen.findAllByRole("tab");
  return screen.findByRole("complementary", { name });
}
