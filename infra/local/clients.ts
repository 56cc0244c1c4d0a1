import type { LocalCredentials } from "../../engines/server/access-key.ts";
import { REGION } from "../../hosts/lambda-events/stand-ins.ts";

/** What every SDK client of the local stack is made with: its own address, and the access key of that start. */
export const localClientSettings = (endpoint: string, credentials: LocalCredentials) => ({
  endpoint,
  region: REGION,
  credentials,
});
