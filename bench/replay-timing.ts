import { localClientSettings } from "../infra/engine/clients.ts";
import { streamName } from "../infra/engine/names.ts";
import { sampleDriveCsv } from "../infra/local/sample/sample-drive.ts";
import { startStack } from "../infra/local/stack/stack.ts";
import { type Api, apiAt } from "../infra/local/start/api.ts";
import { importPorts } from "../infra/local/start/import-sources.ts";
import { kinesisClient } from "../lib/adapters/kinesis/client.ts";
import { sleep } from "../lib/adapters/sleep.ts";
import { zstd } from "../lib/adapters/zstd.ts";
import { importChunks } from "../lib/core/recording/import-chunks.ts";
import { decodeRecord } from "../lib/core/stream/decode-record.ts";
import { readStream } from "../test/read-stream.ts";
import { percentile, tenths } from "./percentile.ts";
import type { BenchTable } from "./report.ts";

export interface ReplayTimingOptions {
  readonly rates?: readonly number[];
  /** How long each rate plays. */
  readonly seconds?: number;
  /** Replays at each rate, started one after the other so that they are due at different moments. */
  readonly replays?: number;
}

/**
 * How late a replay's positions reach the stream. Replays of the sample drive on the whole local stack; with
 * `timestamps: "now"` a position itself says when it was due, and the stream says when it arrived.
 */
export const replayTimingBench = async ({
  rates = [1, 10, 100],
  seconds = 30,
  replays = 4,
}: ReplayTimingOptions = {}): Promise<BenchTable> => {
  const stack = await startStack();
  const kinesis = kinesisClient(
    localClientSettings(stack.address.kinesisEndpoint, stack.address.credentials),
  );
  try {
    const api = apiAt(stack.address.apiUrl);
    const drive = new TextEncoder().encode(sampleDriveCsv());
    const { recording } = await importChunks(importPorts(stack.address), [drive]);
    const { recordingId } = recording;
    for (const rate of rates) await play(api, { recordingId, rate, seconds, replays });

    const latenessMs = new Map<number, number[]>(rates.map((rate) => [rate, []]));
    for await (const record of readStream(kinesis, streamName("positions"))) {
      const { deviceId, positions } = decodeRecord(record, zstd);
      const ofRate = latenessMs.get(Number(deviceId.split("-")[1])) ?? [];
      for (let index = 0; index < positions.count; index++) {
        ofRate.push(record.arrivedAtMs - positions.timestampsMs[index]);
      }
    }
    return {
      name: "Replay timing",
      columns: ["rate", "positions", "late p50 ms", "late p99 ms", "late at most ms", "early at most ms"],
      rows: [...latenessMs].map(([rate, late]) => [
        `${rate}x`,
        late.length,
        tenths(percentile(late, 0.5)),
        tenths(percentile(late, 0.99)),
        tenths(percentile(late, 1)),
        tenths(Math.max(0, -percentile(late, 0))),
      ]),
      notes: [
        `${replays} replays at each rate for ${seconds} s; arrival on the stream against the due time, on one machine and clock.`,
      ],
    };
  } finally {
    kinesis.destroy();
    await stack.stop();
  }
};

interface Play {
  readonly recordingId: string;
  readonly rate: number;
  readonly seconds: number;
  readonly replays: number;
}

/** Device ids are `replay-<rate>-<number>`. */
const play = async (api: Api, { recordingId, rate, seconds, replays }: Play): Promise<void> => {
  const replayIds: string[] = [];
  for (let replay = 0; replay < replays; replay++) {
    const body = { recordingId, rate, loop: true, deviceId: `replay-${rate}-${replay}` };
    replayIds.push((await api.post<{ replayId: string }>("/replays", body)).replayId);
    // Not a divisor of the second between two positions.
    await sleep(270);
  }
  await sleep(seconds * 1000);
  for (const replayId of replayIds)
    await fetch(new URL(`/replays/${replayId}`, api.url), { method: "DELETE" });
  // The announced positions can still be sent.
  await sleep(2_000);
};
