import type { StreamReading } from "./event-sources.ts";
import { type PartitionLag, partitionLags } from "./lag.ts";
import type { EngineMetrics } from "./metrics.ts";
import type { Positions } from "./positions.ts";

export interface WatchWorkOptions {
  readonly metrics: EngineMetrics;
  readonly positions: Positions;
  readonly readings: readonly StreamReading[];
  readonly say: (line: string) => void;
}

/** Two gauges of one look, and Prometheus asks for both at once. */
const ONE_LOOK_MILLISECONDS = 1_000;
const LONGEST_LOOK_MILLISECONDS = 5_000;

/**
 * How far each function is behind on the stream, as a metric: of every partition, whoever reads it, so that
 * one engine's metrics tell all. While stream or store can't be asked there is no lag to tell, and
 * `backtrack_stream_up` is 0.
 */
export const watchWork = ({ metrics, positions, readings, say }: WatchWorkOptions): void => {
  const reader = positions.reader();
  let isUp = true;
  let looked: { readonly atMs: number; readonly lags: Promise<FunctionLag[]> } | undefined;

  const look = async (): Promise<FunctionLag[]> => {
    try {
      const lags = await withinTime(lagsOf());
      isUp = true;
      return lags;
    } catch (error) {
      if (isUp) say(`the lag on the stream can't be told: ${error}`);
      isUp = false;
      return [];
    }
  };
  const lagsOf = async (): Promise<FunctionLag[]> => {
    const lags: FunctionLag[] = [];
    for (const { functionName, checkpoints } of readings) {
      const ofFunction = await partitionLags(reader, checkpoints, Date.now());
      lags.push(...ofFunction.map((lag) => ({ ...lag, functionName })));
    }
    return lags;
  };
  const lags = (): Promise<FunctionLag[]> => {
    const nowMs = performance.now();
    if (!looked || nowMs - looked.atMs > ONE_LOOK_MILLISECONDS) looked = { atMs: nowMs, lags: look() };
    return looked.lags;
  };

  const labels = ["function", "partition"];
  metrics.gauge(
    "lag_seconds",
    "How long the oldest unsettled record has been on the stream",
    labels,
    async () =>
      (await lags()).map(({ functionName, partitionId, seconds }) => ({
        labels: { function: functionName, partition: partitionId },
        value: seconds,
      })),
  );
  metrics.gauge("lag_records", "Records on the stream that are not settled", labels, async () =>
    (await lags()).flatMap(({ functionName, partitionId, records }) =>
      records === undefined
        ? []
        : [{ labels: { function: functionName, partition: partitionId }, value: records }],
    ),
  );
  metrics.gauge("stream_up", "1 while stream and checkpoints can be asked", [], async () => {
    await lags();
    return [{ labels: {}, value: isUp ? 1 : 0 }];
  });
};

interface FunctionLag extends PartitionLag {
  readonly functionName: string;
}

const withinTime = async <Value>(work: Promise<Value>): Promise<Value> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("no answer within 5 s")), LONGEST_LOOK_MILLISECONDS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};
