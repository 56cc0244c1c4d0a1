import { equal, ok } from "node:assert/strict";
import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { localClientSettings } from "../../../infra/engine/clients.ts";
import { streamName } from "../../../infra/engine/names.ts";
import type { Attack } from "../attack.ts";

const BODY_BYTES = 5_700_000;
const RECORD_BYTES = 1_000_000;

const filled = (begin: string, unit: string, bytes: number): string =>
  begin + unit.repeat(Math.floor((bytes - begin.length) / unit.length));

export const attacks: readonly Attack[] = [
  {
    finding: 2,
    name: "junk NDJSON",
    sends: "5.7 MB of x lines to POST /devices/{id}/positions",
    healthy: "400 within a second or two, and others are answered meanwhile",
    async run({ send, newDeviceId }) {
      const path = `/devices/${newDeviceId()}/positions`;
      const { status, seconds, text } = await send({
        method: "POST",
        path,
        body: filled("", "x\n", BODY_BYTES),
      });
      equal(status, 400, text.slice(0, 200));
      ok(text.length < 10_000, `${text.length} bytes of answer`);
      return `${seconds.toFixed(2)} s`;
    },
  },
  {
    finding: 2,
    name: "junk CSV",
    sends: "5.7 MB of lines of a single quote to POST /recordings",
    healthy: "400 within a second or two, and others are answered meanwhile",
    async run({ send }) {
      const body = filled("timestamp,latitude,longitude\n", '"\n', BODY_BYTES);
      const { status, seconds, text } = await send({
        method: "POST",
        path: "/recordings?name=quotes",
        headers: { "content-type": "text/csv" },
        body,
      });
      equal(status, 400, text.slice(0, 200));
      return `${seconds.toFixed(2)} s`;
    },
  },
  {
    finding: 2,
    name: "digits and a letter",
    sends: "a latitude of a million digits and a letter",
    healthy: "202 that refuses only that element",
    async run({ send, newDeviceId }) {
      const good = { timestamp: Date.now() - 1000, latitude: 1, longitude: 1 };
      const { status, seconds, json } = await send({
        method: "POST",
        path: `/devices/${newDeviceId()}/positions`,
        body: [good, { ...good, latitude: `${"1".repeat(1_000_000)}x` }],
      });
      equal(status, 202);
      equal(json.accepted, 1);
      return `${seconds.toFixed(2)} s`;
    },
  },
  {
    finding: 2,
    name: "junk stream records",
    sends:
      "twelve 1 MB records of junk, each the worst of its kind, by PutRecord, beside a device that drives",
    healthy: "the other device's state shows its positions within seconds",
    needsOwnStack: true,
    timeLimitSeconds: 30,
    async run({ own, drive, newDeviceId }) {
      const { address } = own().file;
      const client = new KinesisClient(localClientSettings(address.kinesisEndpoint, address.credentials));
      const units = ["x\n", "{\n", '{"a\n', '{"deviceId":{}},', "0,", "{},"];
      const startedMs = performance.now();
      try {
        for (const [index, unit] of [...units, ...units].entries()) {
          const begin = index % 2 === 0 ? "{}\n" : "[";
          await client.send(
            new PutRecordCommand({
              StreamName: streamName("positions"),
              PartitionKey: newDeviceId(),
              Data: Buffer.from(filled(begin, unit, RECORD_BYTES)),
            }),
          );
        }
        await drive(newDeviceId(), { count: 5 });
      } finally {
        client.destroy();
      }
      return `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
    },
  },
];
