import { memoryClaims } from "../lib/adapters/memory/claims.ts";

/** An empty claims table, with limits that no test reaches. */
export const claimPorts = () => ({ claims: memoryClaims(), limits: { inAll: 100, perKey: 50 } });
