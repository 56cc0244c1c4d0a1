import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type JetStreamConnection, openJetStream } from "../../lib/adapters/jetstream/connection.ts";
import { jetStreamPositionStream } from "../../lib/adapters/jetstream/position-stream.ts";
import {
  describePositionsStream,
  openPositionsStream,
} from "../../lib/adapters/jetstream/positions-stream.ts";
import { jetStreamIdentity } from "../../lib/adapters/jetstream/stream-identity.ts";
import {
  MisconfiguredError,
  ThrottledError,
  TooLargeError,
  UnavailableError,
} from "../../lib/core/errors.ts";
import { partitionOf } from "../../lib/core/stream/partition.ts";
import type { OutgoingRecord } from "../../lib/core/stream/position-stream.ts";
import { DEFAULT_TENANT } from "../../lib/core/tenant/tenant-id.ts";
import { positionStreamContract } from "../contracts/position-stream.contract.ts";
import { streamIdentityContract } from "../contracts/stream-identity.contract.ts";
import { type NatsServer, type NatsServerOptions, startNatsServer, WITHOUT_NATS } from "../nats-server.ts";
import { unless } from "../unless.ts";
import { readJetStream } from "./read-jetstream.ts";

const PATIENT = { attempts: 60 };

describe("JetStream", unless(WITHOUT_NATS), () => {
  let server: NatsServer;
  const connections: JetStreamConnection[] = [];
  let streams = 0;

  const open = (address: string): JetStreamConnection => {
    const connection = openJetStream(address);
    connections.push(connection);
    return connection;
  };
  const openNew = (): JetStreamConnection => open(server.address(`positions-${++streams}`));
  /** A server for tests that kill it or need another configuration. */
  const withServer = async (
    options: NatsServerOptions,
    test: (server: NatsServer) => Promise<void>,
  ): Promise<void> => {
    const own = await startNatsServer(options);
    try {
      await test(own);
    } finally {
      await own.close();
    }
  };
  const record = (deviceId: string, text: string): OutgoingRecord => ({
    deviceId,
    data: new TextEncoder().encode(text),
  });
  const textsOf = async (jetstream: JetStreamConnection): Promise<string[]> =>
    (await readJetStream(jetstream)).map(({ data }) => new TextDecoder().decode(data));

  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(async () => {
    await Promise.all(connections.map((connection) => connection.close()));
    await server?.close();
  });

  positionStreamContract("jetStreamPositionStream", async () => {
    const jetstream = openNew();
    await openPositionsStream(jetstream);
    return {
      streamOf: jetStreamPositionStream(jetstream),
      arrived: async () =>
        (await readJetStream(jetstream)).map(({ partitionKey, data }) => ({ deviceId: partitionKey, data })),
    };
  });

  streamIdentityContract("jetStreamIdentity", async () => {
    const jetstream = openNew();
    await openPositionsStream(jetstream);
    return {
      identity: jetStreamIdentity(jetstream, () => 0),
      stream: `arn:aws:kinesis:us-east-1:000000000000:stream/${jetstream.streamName}`,
      async makeAnew() {
        const { manager } = await jetstream.connected();
        await manager.streams.delete(jetstream.streamName);
        await openPositionsStream(jetstream);
      },
    };
  });

  describe("openPositionsStream", () => {
    it("is repeatable, also by several engines at a time", async () => {
      const address = server.address(`positions-${++streams}`);
      const opened = await Promise.all(
        Array.from({ length: 4 }, () => openPositionsStream(open(address), { partitionCount: 3 })),
      );
      expect(new Set(opened.map((stream) => JSON.stringify(stream))).size).toBe(1);
      expect(opened[0].partitionCount).toBe(3);
    });

    it("refuses another number of partitions, and says what to do", async () => {
      const jetstream = openNew();
      await openPositionsStream(jetstream, { partitionCount: 3 });
      const other = openPositionsStream(jetstream, { partitionCount: 4 });
      await expect(other).rejects.toBeInstanceOf(MisconfiguredError);
      await expect(other).rejects.toThrow(/has 3 partitions, not 4.*POSITIONS_PARTITIONS=3.*drain/);
    });

    it("changes limits that are given, and leaves others", async () => {
      const jetstream = openNew();
      const configOf = async () =>
        (await (await jetstream.connected()).manager.streams.info(jetstream.streamName)).config;
      await openPositionsStream(jetstream);
      const before = await configOf();
      expect(before).toMatchObject({ storage: "file", discard: "new", retention: "limits", max_bytes: -1 });
      expect(before.max_age).toBe(24 * 3_600 * 1e9);
      await openPositionsStream(jetstream, { retentionHours: 48, maximumBytes: 1_000_000 });
      expect(await configOf()).toMatchObject({ max_age: 48 * 3_600 * 1e9, max_bytes: 1_000_000 });
      await openPositionsStream(jetstream);
      expect(await configOf()).toMatchObject({ max_age: 48 * 3_600 * 1e9, max_bytes: 1_000_000 });
    });

    it("refuses a stream of somebody else", async () => {
      const jetstream = openNew();
      const { manager } = await jetstream.connected();
      await manager.streams.add({ name: jetstream.streamName, subjects: [`${jetstream.streamName}.>`] });
      await expect(openPositionsStream(jetstream, { partitionCount: 1 })).rejects.toThrow(
        /not a stream of positions/,
      );
    });

    it("refuses a server whose largest message is too small, and names the setting", async () => {
      await withServer({ maximumPayload: "1MB" }, async (small) => {
        const opening = openPositionsStream(open(small.address()));
        await expect(opening).rejects.toBeInstanceOf(MisconfiguredError);
        await expect(opening).rejects.toThrow(/1048576 bytes.*needs 1572864.*max_payload: 2MB/);
      });
    });
  });

  describe("jetStreamPositionStream", () => {
    it("puts a key into its partition, and takes keys of any text", async () => {
      const jetstream = openNew();
      await openPositionsStream(jetstream, { partitionCount: 5 });
      const keys = ["van.7", "a b", "é🚚", "x\r\nNats-Msg-Id: 1", "%", ""];
      await jetStreamPositionStream(jetstream)(DEFAULT_TENANT).publish(keys.map((key) => record(key, key)));
      const arrived = await readJetStream(jetstream);
      expect(arrived.map(({ partitionKey }) => partitionKey).sort()).toEqual([...keys].sort());
      for (const { partitionKey, subject } of arrived) {
        expect(subject).toBe(`${jetstream.streamName}.${partitionOf(partitionKey, 5)}`);
      }
    });

    it("says what is wrong when the stream does not exist, and publishes once it does", async () => {
      const jetstream = openNew();
      const stream = jetStreamPositionStream(jetstream)(DEFAULT_TENANT);
      await expect(stream.publish([record("van-7", "1")])).rejects.toBeInstanceOf(MisconfiguredError);
      await openPositionsStream(jetstream);
      await stream.publish([record("van-7", "2")]);
      expect(await textsOf(jetstream)).toEqual(["2"]);
    });

    it("notices that the stream was made anew with another number of partitions", async () => {
      const jetstream = openNew();
      const { streamName } = jetstream;
      const stream = jetStreamPositionStream(jetstream)(DEFAULT_TENANT);
      const fleet = Array.from({ length: 20 }, (_, device) => record(`device-${device}`, "1"));
      for (const partitionCount of [2, 8, 3]) {
        await openPositionsStream(jetstream, { partitionCount });
        // The first tells the publisher; what is sent after its answer is placed rightly.
        await stream.publish(fleet.slice(0, 1));
        await stream.publish(fleet);
        const [, ...arrived] = await readJetStream(jetstream);
        expect(arrived).toHaveLength(fleet.length);
        for (const { partitionKey, subject } of arrived)
          expect(subject).toBe(`${streamName}.${partitionOf(partitionKey, partitionCount)}`);
        await (await jetstream.connected()).manager.streams.delete(streamName);
      }
    });

    it("is throttled by a stream that is full", async () => {
      const jetstream = openNew();
      await openPositionsStream(jetstream, { maximumBytes: 3_000 });
      const patience = { sleep: async () => {}, random: () => 0, attempts: 3 };
      const stream = jetStreamPositionStream(jetstream, { patience })(DEFAULT_TENANT);
      const big = record("van-7", "x".repeat(1_000));
      const publishing = stream.publish([big, big, big, big]);
      await expect(publishing).rejects.toBeInstanceOf(ThrottledError);
      await expect(publishing).rejects.toThrow(/van-7: publish to stream .*maximum bytes exceeded, 3 times/);
    });

    it("names the setting for a record that the server is too small for, and takes others", async () => {
      await withServer({ maximumPayload: "1MB" }, async (small) => {
        const jetstream = open(small.address());
        // As an engine would have made it before somebody changed the server's configuration.
        const { manager } = await jetstream.connected();
        await manager.streams.add({ name: "positions", subjects: ["positions.0"], discard: "new" as never });
        const stream = jetStreamPositionStream(jetstream)(DEFAULT_TENANT);
        await stream.publish([record("van-7", "1")]);
        const largest = { deviceId: "van-8", data: new Uint8Array(1024 * 1024 - 8) };
        const publishing = stream.publish([largest]);
        await expect(publishing).rejects.toBeInstanceOf(TooLargeError);
        await expect(publishing).rejects.toThrow(/max_payload: 2MB/);
        await stream.publish([record("van-7", "2")]);
        expect(await textsOf(jetstream)).toEqual(["1", "2"]);
      });
    });

    it("is unavailable while the server is away, and works when it is back, killed or stopped", async () => {
      await withServer({}, async (own) => {
        const jetstream = open(own.address());
        const hasty = { sleep: async () => {}, random: () => 0, attempts: 2 };
        const stream = jetStreamPositionStream(jetstream, { patience: hasty })(DEFAULT_TENANT);
        await own.kill();
        await expect(stream.publish([record("van-7", "0")])).rejects.toBeInstanceOf(UnavailableError);
        await own.restart();
        await openPositionsStream(jetstream);
        await stream.publish([record("van-7", "1")]);
        for (const [index, end] of [own.kill, own.stop].entries()) {
          await end();
          await expect(stream.publish([record("van-7", "lost")])).rejects.toBeInstanceOf(UnavailableError);
          await own.restart();
          await jetStreamPositionStream(jetstream, {
            patience: {
              ...hasty,
              sleep: (ms) => new Promise((wake) => setTimeout(wake, ms)),
              random: () => 1,
              ...PATIENT,
            },
          })(DEFAULT_TENANT).publish([record("van-7", `${index + 2}`)]);
        }
        expect(await textsOf(jetstream)).toEqual(["1", "2", "3"]);
      });
    });

    it("doubles nothing and keeps each device's order when the server is killed under it again and again", async () => {
      await withServer({}, async (own) => {
        const jetstream = open(own.address());
        await openPositionsStream(jetstream);
        const sleep = (ms: number) => new Promise<void>((wake) => setTimeout(wake, ms));
        const stream = jetStreamPositionStream(jetstream, {
          patience: { sleep, random: () => 1, attempts: 60 },
          elapsedMs: () => 0,
        })(DEFAULT_TENANT);
        const records = Array.from({ length: 3_000 }, (_, index) =>
          record(`device-${index % 40}`, `${index}`),
        );
        let isDone = false;
        const publishing = stream.publish(records).finally(() => {
          isDone = true;
        });
        let kills = 0;
        // Not before some of them have arrived: it is to be killed in the middle.
        for (; !isDone && kills < 4; kills++) {
          await sleep(60);
          await own.kill();
          await own.restart();
        }
        await publishing;
        expect(kills).toBeGreaterThan(1);
        const arrived = await readJetStream(jetstream);
        expect(arrived).toHaveLength(records.length);
        const byDevice = Map.groupBy(arrived, ({ partitionKey }) => partitionKey);
        for (const [deviceId, own] of byDevice) {
          const expected = records.filter((each) => each.deviceId === deviceId);
          expect(own.map(({ data }) => `${Buffer.from(data)}`)).toEqual(
            expected.map(({ data }) => `${Buffer.from(data)}`),
          );
        }
      });
    });
  });

  describe("credentials", () => {
    it.each([
      ["user and password", 'authorization { user: fleet, password: "s3:cret" }', "fleet:s3%3Acret@"],
      ["a token", "authorization { token: s3cret }", "s3cret@"],
    ])("are %s of the address", async (_, configuration, prefix) => {
      await withServer({ configuration }, async (own) => {
        const address = own.address();
        await openPositionsStream(open(address.replace("//", `//${prefix}`)));
        const nobody = openPositionsStream(open(address));
        await expect(nobody).rejects.toBeInstanceOf(MisconfiguredError);
        const wrong = describePositionsStream(open(address.replace("//", "//s3cre:t@")));
        await expect(wrong).rejects.toBeInstanceOf(MisconfiguredError);
        await expect(wrong).rejects.not.toThrow(/s3cre/);
      });
    });
  });
});
