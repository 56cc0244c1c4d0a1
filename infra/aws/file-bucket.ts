import type { IKey } from "aws-cdk-lib/aws-kms";
import { type Bucket, CfnBucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import type { BucketName } from "../../lib/resources/bucket.ts";
import { privateBucket } from "./private-bucket.ts";

export interface FileBucketProps {
  readonly name: BucketName;
  readonly accessLogs: Bucket;
  readonly key: IKey;
}

/** A bucket that tells EventBridge of new objects. */
export class FileBucket extends Construct {
  readonly name: BucketName;
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { name, accessLogs, key }: FileBucketProps) {
    super(scope, id);
    this.name = name;
    this.bucket = privateBucket(this, "Bucket", key, accessLogs);
    // CDK's own way is a function that may change the notifications of every bucket of the account.
    const resource = this.bucket.node.defaultChild;
    if (!CfnBucket.isCfnBucket(resource)) throw new Error("the bucket has no resource");
    resource.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
  }
}
