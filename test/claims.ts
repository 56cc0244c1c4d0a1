import { memoryClaims } from "../lib/adapters/memory/claims.ts";

/** An empty table of claims, with limits that stand in nobody's way. */
export const claimPorts = () => ({ claims: memoryClaims(), limits: { inAll: 100, perKey: 50 } });
