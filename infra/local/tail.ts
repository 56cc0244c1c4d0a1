import { once } from "node:events";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { Command } from "commander";
import type { SourceRecord } from "../../hosts/lambda-events/kinesis-event.ts";
import { zstd } from "../../lib/adapters/zstd.ts";
import { toJson } from "../../lib/core/position/parse-position.ts";
import { decodeRecord } from "../../lib/core/stream/decode-record.ts";
import { parseArguments, runCommand, say } from "../command/command-line.ts";
import { failure } from "../command/failure.ts";
import { localClientSettings } from "../engine/clients.ts";
import { streamName } from "../engine/names.ts";
import { requireStack, type StackChoice, withStackOptions } from "./stack/registry.ts";
import { followStream } from "./tail/follow-stream.ts";

/*
 * `npm run tail`: prints every position that passes on the stream from now on, one JSON line each, until
 * Ctrl-C, until the reader is gone (`| head -3`), or until the stack ends.
 */

const command = withStackOptions(
  new Command("npm run tail --")
    .description("Prints each position as it passes on the stream of the running stack, one JSON line each.")
    .option("--device <id>", "only positions of this device"),
);

const linesOf = (record: SourceRecord): string[] => {
  try {
    const { deviceId, positions, problems } = decodeRecord(record, zstd);
    for (const { rule, field } of problems)
      say(`backtrack: refused a position of ${deviceId}: ${field} ${rule}`);
    return Array.from(positions, (position) => JSON.stringify({ deviceId, ...toJson(position) }));
  } catch (error) {
    say(`backtrack: ${error instanceof Error ? error.message : error}`);
    return [];
  }
};

const main = async (): Promise<void> => {
  const parsed = parseArguments(command, process.argv.slice(2));
  const { device, ...choice } = parsed.opts<{ device?: string } & StackChoice>();
  const { kinesisEndpoint, credentials } = await requireStack(choice);
  const client = new KinesisClient({ ...localClientSettings(kinesisEndpoint, credentials), maxAttempts: 2 });
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  try {
    await followStream(client, {
      streamName: streamName("positions"),
      signal: stop.signal,
      onReady: () => say(`backtrack: listening${device ? ` to ${device}` : ""}; Ctrl-C ends it`),
      async onRecords(records) {
        const lines = records
          .filter(({ partitionKey }) => device === undefined || partitionKey === device)
          .flatMap(linesOf);
        if (lines.length === 0) return;
        if (!process.stdout.write(`${lines.join("\n")}\n`)) await once(process.stdout, "drain");
      },
    });
  } catch (error) {
    if (!stop.signal.aborted) throw failure("the stack has ended", error);
  }
  process.exit(0);
};

await runCommand(main);
