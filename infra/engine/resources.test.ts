import { DescribeTableCommand, DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { DescribeStreamSummaryCommand, KinesisClient } from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../engines/server/http-server.ts";
import { STREAMS } from "../../lib/resources/stream.ts";
import { TABLES } from "../../lib/resources/table.ts";
import { startKinesis } from "../local/kinesis/server.ts";
import { startDynamodb } from "../store/embedded/server.ts";
import { createResources, resourceNames } from "./resources.ts";

const access = { region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } };
let servers: RunningServer[];
let clients: { dynamodb: DynamoDBClient; kinesis: KinesisClient };

beforeAll(async () => {
  servers = await Promise.all([startDynamodb(), startKinesis()]);
  clients = {
    dynamodb: new DynamoDBClient({ ...access, endpoint: servers[0].endpoint }),
    kinesis: new KinesisClient({ ...access, endpoint: servers[1].endpoint }),
  };
});
afterAll(async () => {
  clients.dynamodb.destroy();
  clients.kinesis.destroy();
  await Promise.all(servers.map((server) => server.close()));
});

describe("createResources", () => {
  it("creates every table and stream, and does so again without harm, several sets side by side", async () => {
    const names = resourceNames("one-");
    await createResources(clients, names);
    await createResources(clients, names);
    await createResources(clients);
    const { TableNames } = await clients.dynamodb.send(new ListTablesCommand());
    const tables = Object.keys(TABLES);
    expect(TableNames).toEqual([...tables, ...tables.map((table) => `one-${table}`)].sort());
    const { Table } = await clients.dynamodb.send(
      new DescribeTableCommand({ TableName: names.tables.quarantine }),
    );
    expect(Table).toMatchObject({
      TableStatus: "ACTIVE",
      KeySchema: [
        { AttributeName: "recordId", KeyType: "HASH" },
        { AttributeName: "part", KeyType: "RANGE" },
      ],
    });
    const { StreamDescriptionSummary } = await clients.kinesis.send(
      new DescribeStreamSummaryCommand({ StreamName: names.streams.positions }),
    );
    expect(StreamDescriptionSummary).toMatchObject({
      StreamStatus: "ACTIVE",
      OpenShardCount: STREAMS.positions.localShards,
    });
  });
});
