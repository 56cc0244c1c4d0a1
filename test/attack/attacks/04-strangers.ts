import { deepEqual, equal, ok } from "node:assert/strict";
import { connect } from "node:net";
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { ListSchedulesCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { ANY_CREDENTIALS } from "../../../engines/server/access-key.ts";
import { localClientSettings } from "../../../infra/engine/clients.ts";
import { streamName, tableName, workflowArn } from "../../../infra/engine/names.ts";
import type { Attack } from "../attack.ts";
import { sendTo } from "../target.ts";

const FOREIGN = "https://evil.example";

/** Resolves with the name of the error that refused a call; rejects when nothing refused it. */
const refusalOf = async (what: string, call: Promise<unknown>): Promise<string> => {
  const result = await call.then(
    () => undefined,
    (error: Error) => error.name,
  );
  if (result === undefined) throw new Error(`${what} was let in`);
  return result;
};

const canConnect = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host, timeout: 1000 });
    const end = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.on("connect", () => end(true));
    socket.on("error", () => end(false));
    socket.on("timeout", () => end(false));
  });

export const attacks: readonly Attack[] = [
  {
    finding: 4,
    name: "a page of another site",
    sends: "what a browser sends for a foreign page: reading, a text/plain POST, a DELETE and its preflight",
    healthy: "403 without a CORS header, and no position; without an Origin as before",
    needsOwnStack: true,
    async run({ send, drive, newDeviceId }) {
      const deviceId = newDeviceId();
      await drive(deviceId);
      const path = `/devices/${deviceId}/positions`;
      const body = JSON.stringify({ timestamp: Date.now(), latitude: 1, longitude: 1 });
      const form = { origin: FOREIGN, "content-type": "text/plain" };
      const preflight = { origin: FOREIGN, "access-control-request-method": "DELETE" };
      const answers = [
        await send({ path: "/devices", headers: { origin: FOREIGN } }),
        await send({ method: "POST", path, headers: form, body }),
        await send({ method: "POST", path, headers: { ...form, origin: "null" }, body }),
        await send({ method: "DELETE", path: "/replays/none", headers: { origin: FOREIGN } }),
        await send({ method: "OPTIONS", path: "/replays/none", headers: preflight, key: null }),
      ];
      for (const { status, headers } of answers) {
        equal(status, 403);
        const cors = Object.keys(headers).filter((name) => name.startsWith("access-control-"));
        deepEqual(cors, []);
      }
      equal((await send({ path: `/devices/${deviceId}` })).json.positionCount, 2);
      equal(
        (await send({ method: "POST", path, headers: { "content-type": "text/plain" }, body })).status,
        202,
      );
      return undefined;
    },
  },
  {
    finding: 4,
    name: "a name that resolves to this machine",
    sends: "requests whose Host is another site's, as after DNS rebinding",
    healthy: "421, whatever the Origin",
    needsOwnStack: true,
    async run({ send }) {
      for (const host of ["evil.example", "localhost.evil.example:3000", "127.0.0.1.nip.io"]) {
        for (const origin of [undefined, `http://${host}`]) {
          const headers = { host, ...(origin !== undefined && { origin }) };
          equal((await send({ path: "/devices", headers })).status, 421, host);
        }
      }
      return undefined;
    },
  },
  {
    finding: 4,
    name: "a forged key",
    sends:
      "writes and reads to the table, stream, workflow, schedule and Lambda endpoints with made-up credentials",
    healthy: "403 from each; the written key does not exist",
    needsOwnStack: true,
    async run({ own, signal }) {
      const { address } = own().file;
      const settings = (endpoint: string) => ({
        ...localClientSettings(endpoint, ANY_CREDENTIALS),
        maxAttempts: 1,
      });
      const keyId = "0forged0000";
      const forged = { TableName: tableName("keys"), Item: { keyId: { S: keyId } } };
      const record = { StreamName: streamName("positions"), PartitionKey: "x", Data: Buffer.from("{}") };
      const dynamodb = new DynamoDBClient(settings(address.dynamodbEndpoint));
      const kinesis = new KinesisClient(settings(address.kinesisEndpoint));
      const sfn = new SFNClient(settings(address.stepFunctionsEndpoint));
      const scheduler = new SchedulerClient(settings(address.schedulerEndpoint));
      const ours = new DynamoDBClient(localClientSettings(address.dynamodbEndpoint, address.credentials));
      try {
        const refusals = [
          await refusalOf("a forged key", dynamodb.send(new PutItemCommand(forged))),
          await refusalOf("a record", kinesis.send(new PutRecordCommand(record))),
          await refusalOf(
            "a look at workflows",
            sfn.send(new ListExecutionsCommand({ stateMachineArn: workflowArn("replay") })),
          ),
          await refusalOf("a look at schedules", scheduler.send(new ListSchedulesCommand({}))),
        ];
        deepEqual(new Set(refusals), new Set(["UnrecognizedClientException"]));
        const path = "/2015-03-31/functions/get-health/invocations";
        const invoked = await sendTo(address.lambdaEndpoint, { method: "POST", path, body: {} }, { signal });
        equal(invoked.status, 403);
        const found = await ours.send(new GetItemCommand({ TableName: forged.TableName, Key: forged.Item }));
        equal(found.Item, undefined);
      } finally {
        for (const client of [dynamodb, kinesis, sfn, scheduler, ours]) client.destroy();
      }
      return undefined;
    },
  },
  {
    finding: 4,
    name: "another address of this machine",
    sends:
      "connections to every port of the stack at 127.0.0.2, which reaches servers that listen on all addresses",
    healthy: "refused",
    needsOwnStack: true,
    async run({ own, apiUrl }) {
      const urls = [apiUrl, ...Object.values(own().file.address)].filter(
        (value): value is string => typeof value === "string" && value.startsWith("http://"),
      );
      const ports = [own().file.presence.port, ...urls.map((url) => Number(new URL(url).port))];
      for (const port of ports) {
        ok(await canConnect(port, "127.0.0.1"), `port ${port} listens`);
        ok(!(await canConnect(port, "127.0.0.2")), `port ${port} is open to other addresses`);
      }
      return `${ports.length} ports`;
    },
  },
];
