import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table, TableEncryption } from "aws-cdk-lib/aws-dynamodb";
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Stream, StreamEncryption, StreamMode } from "aws-cdk-lib/aws-kinesis";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { STREAMS, type StreamName } from "../../lib/resources/stream.ts";
import type { TableName } from "../../lib/resources/table.ts";
import { TABLES } from "../../lib/resources/table.ts";
import type { TableResource } from "../../lib/resources/table-resource.ts";
import { constructId } from "./construct-id.ts";
import { mapRecord } from "./names.ts";
import type { Settings } from "./settings.ts";

/** The streams and tables of lib/resources/. */
export class Storage extends Construct {
  readonly streams: Readonly<Record<StreamName, Stream>>;
  readonly tables: Readonly<Record<TableName, Table>>;

  constructor(scope: Construct, id: string, key: IKey, settings: Settings) {
    super(scope, id);
    this.streams = mapRecord(STREAMS, ({ retentionHours }, name) => {
      const capacity = settings.streamShards
        ? { streamMode: StreamMode.PROVISIONED, shardCount: settings.streamShards }
        : { streamMode: StreamMode.ON_DEMAND };
      return new Stream(this, `${constructId(name)}Stream`, {
        ...capacity,
        retentionPeriod: Duration.hours(settings.streamRetentionHours ?? retentionHours),
        encryption: StreamEncryption.KMS,
        encryptionKey: key,
        // A stream is a road and not a store: what passed over it is in the tables, or in the bucket for
        // failed records.
        removalPolicy: RemovalPolicy.DESTROY,
      });
    });
    this.tables = mapRecord(TABLES, (table, name) => this.#createTable(name, table, key, settings));
  }

  #createTable(name: TableName, resource: TableResource, key: IKey, settings: Settings): Table {
    const { partitionKey, sortKey, timeToLive } = resource;
    return new Table(this, `${constructId(name)}Table`, {
      partitionKey: keyAttribute(partitionKey),
      sortKey: sortKey && keyAttribute(sortKey),
      timeToLiveAttribute: timeToLive,
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: settings.isProduction,
      removalPolicy: settings.isProduction ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      ...(settings.isHipaa && {
        encryption: TableEncryption.CUSTOMER_MANAGED,
        encryptionKey: key,
        resourcePolicy: tlsOnly(),
      }),
    });
  }
}

const keyAttribute = ({
  name,
  type,
}: TableResource["partitionKey"]): { name: string; type: AttributeType } => ({
  name,
  type: type === "S" ? AttributeType.STRING : AttributeType.NUMBER,
});

/** DynamoDB still answers plain HTTP; Kinesis does not, so its stream needs no such policy. */
const tlsOnly = (): PolicyDocument =>
  new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid: "TlsOnly",
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ["dynamodb:*"],
        resources: ["*"],
        conditions: { Bool: { "aws:SecureTransport": "false" } },
      }),
    ],
  });
