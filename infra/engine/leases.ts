import { randomUUID } from "node:crypto";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { MACHINE_CLOCKS } from "../../engines/lease/clocks.ts";
import { dynamodbLeaseStore } from "../../engines/lease/dynamodb-lease-store.ts";
import { ALONE_MILLISECONDS, type Sharing } from "../../engines/lease/one-at-a-time.ts";
import { engineTableName } from "./tables.ts";

/**
 * The engines' leases in a stack's own tables, for its one process. Nobody else works on them: another stack
 * has other tables, and one that is to use the same data folder waits for this one's presence to end
 * (data-folder.ts). So after a kill -9 nothing waits for the leases of the dead process; their tokens go on
 * from where it was, as what it saved is marked with them.
 */
export const ownLeases = (dynamodb: DynamoDBClient): Sharing => ({
  store: dynamodbLeaseStore(dynamodb, engineTableName("leases")),
  owner: randomUUID(),
  isAlone: true,
  leaseMilliseconds: ALONE_MILLISECONDS,
  clocks: MACHINE_CLOCKS,
});

/** The engines' leases where others may hold them too: every process that uses the same tables. */
export const sharedLeases = (
  dynamodb: DynamoDBClient,
  { tablePrefix, leaseSeconds }: { readonly tablePrefix: string; readonly leaseSeconds: number },
): Sharing => ({
  store: dynamodbLeaseStore(dynamodb, engineTableName("leases", tablePrefix)),
  owner: randomUUID(),
  leaseMilliseconds: leaseSeconds * 1_000,
  clocks: MACHINE_CLOCKS,
});
