import { defineKind, type ElementOf, screaming } from "./kind.ts";

/** Where files are put; on a laptop, a folder. */
const DECLARED = ["recordings"] as const;

export type BucketName = (typeof DECLARED)[number];
export const BUCKETS: readonly BucketName[] = DECLARED;

export interface UsesBuckets {
  /** Granted for reading, and named to the function as `<NAME>_BUCKET`. */
  readonly readsFrom?: readonly BucketName[];
}

export interface BucketEnvironment<D extends UsesBuckets> {
  /** A bucket's name, or a folder as a file: URL. */
  readonly bucket: (name: ElementOf<D["readsFrom"]>) => string;
}

/** `recordings` -> `RECORDINGS_BUCKET`. */
export const bucketVariable = (bucket: BucketName): string => `${screaming(bucket)}_BUCKET`;

export const bucketKind = defineKind({
  name: "bucket",
  uses: ({ readsFrom = [] }: UsesBuckets) => readsFrom.map((name): [BucketName, "read"] => [name, "read"]),
  variables: (name) => ({ [bucketVariable(name)]: "name" }),
  permissions: () => [
    { actions: ["s3:GetObject", "s3:GetObjectVersion"], on: "objects" },
    // Without it S3 does not say that an object is missing.
    { actions: ["s3:ListBucket"], on: "arn" },
    { actions: ["kms:Decrypt"], on: "key", optional: true },
  ],
  local: (name, { folders }) => ({ name: folders[name] ?? name }),
  read: (variable): BucketEnvironment<UsesBuckets> => ({ bucket: (name) => variable(bucketVariable(name)) }),
});
