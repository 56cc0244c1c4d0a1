import { backtrack } from "./backtrack.ts";
import type { Protocol } from "./protocol.ts";

/** Every protocol that positions come in. */
export const PROTOCOLS = [backtrack] as const satisfies readonly Protocol[];

type ProtocolRoute = (typeof PROTOCOLS)[number]["routes"][number];

const BY_ROUTE: ReadonlyMap<string, Protocol> = new Map(
  PROTOCOLS.flatMap((protocol) => protocol.routes.map((route) => [route, protocol] as const)),
);

/** What is spoken on a route. Throws for a route of no protocol, which no definition may have. */
export const protocolOf = (route: ProtocolRoute | (string & {})): Protocol => {
  const protocol = BY_ROUTE.get(route);
  if (!protocol) throw new Error(`no protocol is spoken on ${route}`);
  return protocol;
};
