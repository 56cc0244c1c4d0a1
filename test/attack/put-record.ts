import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { localClientSettings } from "../../infra/engine/clients.ts";
import { streamName } from "../../infra/engine/names.ts";
import type { Answer, Target } from "./target.ts";

/** Puts an unchanged record onto the stream of positions, with the stack's own access key. */
export const putRecord = async (
  { own }: Target,
  deviceId: string,
  data: string | Uint8Array,
): Promise<void> => {
  const { address } = own().file;
  const client = new KinesisClient(localClientSettings(address.kinesisEndpoint, address.credentials));
  try {
    const command = new PutRecordCommand({
      StreamName: streamName("positions"),
      PartitionKey: deviceId,
      Data: Buffer.from(data),
    });
    await client.send(command);
  } finally {
    client.destroy();
  }
};

interface Quarantined {
  readonly recordId: string;
  readonly partitionKey: string;
  readonly reason: string;
  readonly problems: readonly { readonly field: string; readonly rule: string }[];
}

/** Every quarantined record of a device. */
export const quarantineOf = async ({ send }: Target, deviceId: string): Promise<readonly Quarantined[]> => {
  const found: Quarantined[] = [];
  let answer: Answer | undefined;
  do {
    const cursor = answer ? `&cursor=${encodeURIComponent(answer.json.cursor)}` : "";
    answer = await send({ path: `/quarantine?limit=1000${cursor}` });
    if (answer.status !== 200) throw new Error(`GET /quarantine was answered ${answer.status}`);
    found.push(...answer.json.records.filter((record: Quarantined) => record.partitionKey === deviceId));
  } while (answer.json.cursor !== undefined);
  return found;
};

/** A device's quarantined records, as soon as there are any. */
export const nextQuarantineOf = (target: Target, deviceId: string): Promise<readonly Quarantined[]> =>
  target.until(
    () => quarantineOf(target, deviceId),
    ({ length }) => length > 0,
  );
