import { once } from "node:events";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { Command } from "commander";
import { jetstreamStreamReader } from "../../engines/event-source/jetstream-stream-reader.ts";
import { kinesisStreamReader } from "../../engines/event-source/kinesis-stream-reader.ts";
import type { StreamReader } from "../../engines/event-source/stream-reader.ts";
import type { SourceRecord } from "../../hosts/lambda-events/kinesis-event.ts";
import { openJetStream } from "../../lib/adapters/jetstream/connection.ts";
import { zstd } from "../../lib/adapters/zstd.ts";
import { toJson } from "../../lib/core/position/parse-position.ts";
import { decodeRecord } from "../../lib/core/stream/decode-record.ts";
import { parseArguments, runCommand, say } from "../command/command-line.ts";
import { failure } from "../command/failure.ts";
import { checkTarget, type Target, withStackOptions, withStreamOption } from "../command/target.ts";
import { localClientSettings } from "../engine/clients.ts";
import { streamArn, streamName } from "../engine/names.ts";
import { requireStack } from "./stack/registry.ts";
import { followStream } from "./tail/follow-stream.ts";

/*
 * `npm run tail`: prints every position that passes on the stream from now on, one JSON line each, until
 * Ctrl-C, until the reader is gone (`| head -3`), or until the stack ends.
 */

const command = withStackOptions(
  withStreamOption(
    new Command("npm run tail --")
      .description(
        "Prints each position as it passes on the stream of the stack that runs here, or of a self-hosted one,\n" +
          "one JSON line each.",
      )
      .option("--device <id>", "only positions of this device"),
  ),
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

interface FollowedStream {
  readonly reader: StreamReader;
  /** Why it can't be read any more. */
  endOf(error: unknown): Error;
}

const openStream = async (target: Target): Promise<FollowedStream> => {
  if (target.stream !== undefined) {
    const jetstream = openJetStream(target.stream);
    const { shownAddress } = jetstream;
    return {
      reader: jetstreamStreamReader(jetstream, { streamArn: streamArn("positions") }),
      endOf: (error) => failure(`${shownAddress}: ${error instanceof Error ? error.message : error}`, error),
    };
  }
  const { kinesisEndpoint, credentials } = await requireStack(target);
  const client = new KinesisClient({ ...localClientSettings(kinesisEndpoint, credentials), maxAttempts: 2 });
  const source = { streamName: streamName("positions"), streamArn: streamArn("positions") };
  return {
    reader: kinesisStreamReader(client, source),
    endOf: (error) => failure("the stack has ended", error),
  };
};

const main = async (): Promise<void> => {
  const parsed = parseArguments(command, process.argv.slice(2));
  const { device, ...given } = parsed.opts<{ device?: string } & Target>();
  const { reader, endOf } = await openStream(checkTarget(given));
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  try {
    await followStream(reader, {
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
    if (!stop.signal.aborted) throw endOf(error);
  }
  process.exit(0);
};

await runCommand(main);
