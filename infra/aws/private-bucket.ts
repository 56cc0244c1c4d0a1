import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  ObjectOwnership,
} from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { Settings } from "./settings.ts";

const closed: BucketProps = {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  versioned: true,
  // A bucket that is not empty can't be deleted, and would block the deletion of its stack.
  removalPolicy: RemovalPolicy.RETAIN,
};

/** Encrypted with the customer's key, with every access logged; only old versions expire. */
export const privateBucket = (scope: Construct, id: string, key: IKey, accessLogs: Bucket): Bucket =>
  new Bucket(scope, id, {
    ...closed,
    encryption: BucketEncryption.KMS,
    encryptionKey: key,
    bucketKeyEnabled: true,
    serverAccessLogsBucket: accessLogs,
    // Where it is in its stack, for example `FailedRecords/`.
    serverAccessLogsPrefix: [...scope.node.scopes.slice(Stack.of(scope).node.scopes.length), { node: { id } }]
      .map(({ node }) => `${node.id}/`)
      .join(""),
    lifecycleRules: [
      {
        abortIncompleteMultipartUploadAfter: Duration.days(7),
        noncurrentVersionExpiration: Duration.days(90),
      },
    ],
  });

/** Where S3 logs who requested which object. */
export const accessLogBucket = (scope: Construct, id: string, settings: Settings): Bucket =>
  new Bucket(scope, id, {
    ...closed,
    // S3 delivers its access logs only to a bucket encrypted with S3's own key.
    encryption: BucketEncryption.S3_MANAGED,
    lifecycleRules: [
      {
        expiration: Duration.days(settings.accessLogRetentionDays),
        noncurrentVersionExpiration: Duration.days(7),
        abortIncompleteMultipartUploadAfter: Duration.days(7),
      },
    ],
  });
