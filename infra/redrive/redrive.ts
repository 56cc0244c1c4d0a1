import { BacktrackError } from "../../lib/core/errors.ts";
import type { FailedBatch } from "../../lib/core/redrive/failed-batches.ts";
import { type RedriveSummary, redrive } from "../../lib/core/redrive/redrive.ts";
import { runCommand, say } from "../command/command-line.ts";
import { failure } from "../command/failure.ts";
import { parseRedriveOptions, type RedriveCommand } from "./options.ts";
import { type OpenPorts, openPorts } from "./ports.ts";

/*
 * `npm run redrive`: puts records that were given up back onto the stream. Progress goes to standard error,
 * the result to standard output. Exit code 0: all records were put back; 1: some are left; 2: it was used
 * wrongly.
 */

const count = (number: number, noun: string): string =>
  `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : noun.endsWith("h") ? "es" : "s"}`;

const lineOf = (key: string, { records, functionName, condition }: FailedBatch): string => {
  const devices = new Set(records.map(({ deviceId }) => deviceId)).size;
  const what = `${count(records.length, "record")} of ${count(devices, "device")}`;
  return `${key}: ${what}, given up by ${functionName} (${condition})`;
};

const run = async (
  ports: OpenPorts,
  { dryRun: isDryRun, limit }: RedriveCommand,
): Promise<RedriveSummary> => {
  try {
    return await redrive(ports, {
      isDryRun,
      limit,
      onBatch: (key, batch) => say(`backtrack: ${lineOf(key, batch)}`),
      onUnreadable: (key, { message }) => say(`backtrack: ${key}: left where it is: ${message}`),
    });
  } catch (error) {
    const isOfAws = error instanceof Error && "$metadata" in error;
    if (error instanceof BacktrackError || isOfAws) {
      throw failure(
        `stopped: ${error.message || error.name}; what was put back is done; run it again for the rest`,
      );
    }
    throw error;
  }
};

const main = async (): Promise<void> => {
  const options = parseRedriveOptions(process.argv.slice(2));
  const ports = await openPorts(options);
  try {
    const { batchCount, recordCount, unreadableCount } = await run(ports, options);
    const done = options.dryRun ? "would be put back" : "put back";
    const what = `${count(recordCount, "record")} in ${count(batchCount, "batch")}`;
    process.stdout.write(`${what} of ${ports.whose} ${done}\n`);
    if (unreadableCount > 0) throw failure(`${count(unreadableCount, "object")} could not be put back`);
  } finally {
    await ports.close();
  }
};

await runCommand(main);
