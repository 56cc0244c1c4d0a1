import type { Key } from "aws-cdk-lib/aws-kms";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { BUCKETS } from "../../lib/resources/bucket.ts";
import { Backups } from "./backups.ts";
import { constructId } from "./construct-id.ts";
import { DataKey } from "./data-key.ts";
import { DeadLetters } from "./dead-letters.ts";
import { FileBucket } from "./file-bucket.ts";
import { fileRuleName } from "./names.ts";
import { Part } from "./part.ts";
import { accessLogBucket, privateBucket } from "./private-bucket.ts";
import type { Settings } from "./settings.ts";
import { Storage } from "./storage.ts";

/**
 * Everything that stores data: the key, tables, streams, buckets and the queue. The rooms depend on it, and
 * it depends on nothing: what it must know about a room it knows by name (names.ts), because two stacks that
 * refer to each other can't be deployed.
 */
export class DataStack extends Part {
  readonly key: Key;
  readonly storage: Storage;
  readonly buckets: readonly FileBucket[];
  /** Records of the stream that were given up, whole. */
  readonly failedRecords: Bucket;
  /** Events that no function accepted. */
  readonly undelivered: DeadLetters;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id, { description: "Backtrack: tables, streams, buckets and their key" });
    this.key = new DataKey(this, "DataKey", settings).key;
    this.storage = new Storage(this, "Storage", this.key, settings);
    if (settings.isHipaa) {
      new Backups(this, "Backups", { tables: Object.values(this.storage.tables), key: this.key });
    }
    const accessLogs = accessLogBucket(this, "AccessLogs", settings);
    this.failedRecords = privateBucket(this, "FailedRecords", this.key, accessLogs);
    this.undelivered = new DeadLetters(this, "Undelivered", this.key);
    this.buckets = BUCKETS.map(
      (name) => new FileBucket(this, constructId(name), { name, accessLogs, key: this.key }),
    );
    for (const name of BUCKETS) this.undelivered.acceptFromRule(fileRuleName(this, name));
  }
}
