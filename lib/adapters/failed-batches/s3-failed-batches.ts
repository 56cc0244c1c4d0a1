import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import { NotFoundError } from "../../core/errors.ts";
import type { FailedBatches } from "../../core/redrive/failed-batches.ts";
import { answerTo, isServiceError } from "../aws-errors.ts";
import { parseFailedBatch } from "./failed-batch-json.ts";
import { SETTLED_PREFIX } from "./settled.ts";

/**
 * The objects that Lambda writes under a prefix of an on-failure bucket:
 * `aws/lambda/<mapping>/<shard>/<date>/<time>-<id>`.
 */
export const s3FailedBatches = (client: S3Client, bucket: string, prefix: string): FailedBatches => ({
  async *keys() {
    const pages = paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })[
      Symbol.asyncIterator
    ]();
    for (;;) {
      const page = await answerTo(`list s3://${bucket}/${prefix}`, pages.next());
      if (page.done) return;
      for (const { Key: key } of page.value.Contents ?? []) {
        // The console's own entry for a folder.
        if (key !== undefined && !key.endsWith("/") && !key.startsWith(SETTLED_PREFIX)) yield key;
      }
    }
  },
  async read(key) {
    const command = new GetObjectCommand({ Bucket: bucket, Key: key });
    const { Body: body } = await answerTo(
      `read s3://${bucket}/${key}`,
      client.send(command).catch((error) => {
        if (!isServiceError(error, "NoSuchKey")) throw error;
        throw new NotFoundError(`there is no object ${key} in bucket ${bucket}`, { cause: error });
      }),
    );
    return parseFailedBatch((await body?.transformToByteArray()) ?? new Uint8Array());
  },
  async settle(key) {
    const CopySource = `${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
    const copy = new CopyObjectCommand({ Bucket: bucket, Key: `${SETTLED_PREFIX}${key}`, CopySource });
    try {
      await answerTo(`put s3://${bucket}/${key} aside`, client.send(copy));
    } catch (error) {
      // It was put aside before, or by another.
      if (!isServiceError(error, "NoSuchKey")) throw error;
    }
    const remove = new DeleteObjectCommand({ Bucket: bucket, Key: key });
    await answerTo(`put s3://${bucket}/${key} aside`, client.send(remove));
  },
});
