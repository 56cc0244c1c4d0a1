import { randomUUID } from "node:crypto";
import { ACCOUNT, REGION } from "./stand-ins.ts";

export interface NewFile {
  readonly bucket: string;
  readonly key: string;
  readonly version: string;
  readonly sizeBytes: number;
  readonly nowMs: number;
}

/** What EventBridge tells of a new object in S3, for a file in a folder. */
export const objectCreatedEvent = ({ bucket, key, version, sizeBytes, nowMs }: NewFile) => ({
  version: "0",
  id: randomUUID(),
  "detail-type": "Object Created",
  source: "aws.s3",
  account: ACCOUNT,
  time: new Date(nowMs).toISOString().replace(/\.\d+Z$/, "Z"),
  region: REGION,
  resources: [`arn:aws:s3:::${bucket}`],
  detail: {
    version: "0",
    bucket: { name: bucket },
    object: { key, size: sizeBytes, etag: version, "version-id": version },
    "request-id": randomUUID(),
    requester: ACCOUNT,
    reason: "PutObject",
  },
});
