import { RecordError } from "../../core/errors.ts";
import type { FailedBatch } from "../../core/redrive/failed-batches.ts";

/**
 * What Lambda writes for a failed batch of a stream, as far as it is needed; `payload` is the event, as JSON
 * text or as it is.
 */
interface Invocation {
  readonly requestContext: { readonly functionArn: string; readonly condition: string };
  readonly payload: unknown;
}

interface KinesisEvent {
  readonly Records: readonly { readonly kinesis: { readonly partitionKey: string; readonly data: string } }[];
}

/** Reads the object that Lambda writes to an on-failure bucket. Throws RecordError for anything else. */
export const parseFailedBatch = (bytes: Uint8Array): FailedBatch => {
  try {
    const { requestContext, payload } = JSON.parse(new TextDecoder().decode(bytes)) as Invocation;
    const event = (typeof payload === "string" ? JSON.parse(payload) : payload) as KinesisEvent;
    const records = event.Records.map(({ kinesis: { partitionKey, data } }) => {
      if (typeof partitionKey !== "string" || typeof data !== "string")
        throw new Error("a record has no data");
      return { deviceId: partitionKey, data: new Uint8Array(Buffer.from(data, "base64")) };
    });
    // The part behind the name is a version or an alias.
    const functionName = requestContext.functionArn.split(":").at(6) ?? requestContext.functionArn;
    return { functionName, condition: requestContext.condition, records };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RecordError(`it is not a failed batch with its records: ${reason}`, { cause: error });
  }
};
