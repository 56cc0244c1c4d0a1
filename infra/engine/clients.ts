import type { LocalCredentials } from "../../engines/server/access-key.ts";
import { REGION } from "../../hosts/lambda-events/stand-ins.ts";

/** The options of every SDK client of the local stack: its address, and the access key of this start. */
export const localClientSettings = (endpoint: string, credentials: LocalCredentials) => ({
  endpoint,
  region: REGION,
  credentials,
});
