import { REGION } from "./names.ts";

/** What every SDK client of the local stack is made with: its own address, and credentials that nobody checks. */
export const localClientSettings = (endpoint: string) => ({
  endpoint,
  region: REGION,
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
});
