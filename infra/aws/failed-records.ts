import { Grant } from "aws-cdk-lib/aws-iam";
import type {
  DlqDestinationConfig,
  IEventSourceDlq,
  IEventSourceMapping,
  IFunction,
} from "aws-cdk-lib/aws-lambda";
import type { Bucket } from "aws-cdk-lib/aws-s3";

/** Lambda writes `aws/lambda/<mapping>/<shard>/<date>/...` and nothing elsewhere. */
export const FAILED_RECORDS_PREFIX = "aws/lambda/";

/**
 * The bucket as an event source mapping's on-failure destination: the one kind of destination that is sent
 * the records themselves, and not only where in the stream they were. CDK's own would let the function read,
 * change and delete all of the bucket.
 */
export class FailedRecords implements IEventSourceDlq {
  readonly #bucket: Bucket;

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  bind(_mapping: IEventSourceMapping, grantee: IFunction): DlqDestinationConfig {
    const objects = this.#bucket.arnForObjects(`${FAILED_RECORDS_PREFIX}*`);
    Grant.addToPrincipal({ grantee, actions: ["s3:PutObject"], resourceArns: [objects] });
    Grant.addToPrincipal({ grantee, actions: ["s3:ListBucket"], resourceArns: [this.#bucket.bucketArn] });
    // Decrypt is for what is uploaded in parts.
    this.#bucket.encryptionKey?.grant(grantee, "kms:Decrypt", "kms:GenerateDataKey");
    return { destination: this.#bucket.bucketArn };
  }
}
