import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoShareStore } from "../../../lib/adapters/dynamodb/share-store.ts";
import { keySecrets } from "../../../lib/adapters/key-secrets.ts";
import { KEY_ID_BYTES, linkText, SECRET_BYTES } from "../../../lib/core/access/key-text.ts";
import { DEFAULT_TENANT } from "../../../lib/core/tenant/tenant-id.ts";
import { tableName } from "../../engine/names.ts";

/** The link of the sample events; what it shares is an example, so it is no secret. */
const LINK = linkText(new Uint8Array(KEY_ID_BYTES).fill(1), new Uint8Array(SECRET_BYTES).fill(2));

/**
 * Puts the shares that sample events speak of into a stack's tables: one that is looked at, and one that is
 * revoked. They and the recording that they show are created at the same time.
 */
export const makeSampleShares = async (client: DynamoDBClient, createdAtMs: number): Promise<void> => {
  const shares = dynamoShareStore(client, tableName("shares"), { listingsTableName: tableName("listings") });
  for (const shareId of [LINK.keyId, "example-share-to-delete"]) {
    await shares(DEFAULT_TENANT).create({
      shareId,
      tenant: DEFAULT_TENANT,
      thing: { kind: "recording", recordingId: "example-drive", epoch: 0, createdAtMs },
      name: "Example drive",
      hidden: [],
      createdAtMs,
      // Far from now, whenever that is.
      expiresAtSeconds: 4_000_000_000,
      hash: keySecrets.hash(LINK.text),
    });
  }
};
