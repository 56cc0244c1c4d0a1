import { PRICES } from "./prices.ts";

/** Lines written to the log, as CloudWatch Logs counts them. */
export interface LogCount {
  lines: number;
  bytes: number;
}

/** What CloudWatch charges for a line. */
export const loggedBytes = (line: string): number =>
  Buffer.byteLength(line) + PRICES.cloudwatch.logs.bytesPerLine;

/**
 * Counts what `run` writes to standard output and error, where Lambda reads logs and metrics, and keeps it
 * from the terminal.
 */
export const meterLog = async <Result>(
  run: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly log: LogCount }> => {
  const log: LogCount = { lines: 0, bytes: 0 };
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write);
  for (const stream of streams) {
    stream.write = (chunk: Uint8Array | string): boolean => {
      for (const line of Buffer.from(chunk).toString().split("\n")) {
        if (line === "") continue;
        log.lines++;
        log.bytes += loggedBytes(line);
      }
      return true;
    };
  }
  try {
    return { result: await run(), log };
  } finally {
    for (const [index, stream] of streams.entries()) stream.write = writes[index];
  }
};
