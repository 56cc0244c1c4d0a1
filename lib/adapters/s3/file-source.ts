import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { NotFoundError, UnavailableError } from "../../core/errors.ts";
import type { FileSource } from "../../core/files/file-source.ts";
import { answerTo } from "../aws-errors.ts";
import { versionParameters } from "./object-version.ts";

/** The names of S3's errors for an object or version that does not exist. */
const MISSING = new Set(["NoSuchKey", "NoSuchVersion", "NotFound", "MethodNotAllowed", "PreconditionFailed"]);

/** The objects of a bucket, versioned or not. */
export const s3FileSource = (client: S3Client, bucketName: string): FileSource => ({
  async open({ key, version }) {
    const command = new GetObjectCommand({ Bucket: bucketName, Key: key, ...versionParameters(version) });
    const { Body: body, ContentLength: sizeBytes = 0 } = await answerTo(
      `read s3://${bucketName}/${key}`,
      client.send(command).catch((error: Error) => {
        if (!MISSING.has(error.name)) throw error;
        throw new NotFoundError(`there is no file ${key} in this version in bucket ${bucketName}`, {
          cause: error,
        });
      }),
    );
    return { sizeBytes, chunks: wholeBody(body as AsyncIterable<Uint8Array>, key, sizeBytes) };
  },
});

/** A broken connection may look like the end: a body shorter than announced is not the file. */
async function* wholeBody(
  body: AsyncIterable<Uint8Array>,
  key: string,
  sizeBytes: number,
): AsyncGenerator<Uint8Array> {
  let bytesRead = 0;
  try {
    for await (const chunk of body) {
      bytesRead += chunk.length;
      yield chunk;
    }
  } catch (error) {
    throw new UnavailableError(`reading ${key} broke off after ${bytesRead} of ${sizeBytes} bytes`, {
      cause: error,
    });
  }
  if (bytesRead !== sizeBytes) {
    throw new UnavailableError(`reading ${key} ended after ${bytesRead} of ${sizeBytes} bytes`);
  }
}
