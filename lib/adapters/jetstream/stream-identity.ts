import type { Clock } from "../../core/clock.ts";
import { MisconfiguredError } from "../../core/errors.ts";
import { rememberedIdentity, type StreamIdentity } from "../../core/stream/stream-identity.ts";
import type { JetStreamConnection } from "./connection.ts";
import { describePositionsStream } from "./positions-stream.ts";

/** Asks JetStream when a stream was created. Events name it by an ARN, which has no server. */
export const jetStreamIdentity = (jetstream: JetStreamConnection, clock: Clock): StreamIdentity =>
  rememberedIdentity(async (stream) => {
    const { streamName, shownAddress } = jetstream;
    if (nameOf(stream) !== streamName) {
      throw new MisconfiguredError(
        `records of ${stream} arrived, but POSITIONS_STREAM is ${shownAddress}: both must name one stream`,
      );
    }
    return (await describePositionsStream(jetstream)).createdAtMs;
  }, clock);

/** Of an ARN, or the name itself. */
const nameOf = (stream: string): string => stream.slice(stream.indexOf("/") + 1);
