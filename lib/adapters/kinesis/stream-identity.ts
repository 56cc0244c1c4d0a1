import { DescribeStreamSummaryCommand, type KinesisClient } from "@aws-sdk/client-kinesis";
import type { Clock } from "../../core/clock.ts";
import { UnavailableError } from "../../core/errors.ts";
import { rememberedIdentity, type StreamIdentity } from "../../core/stream/stream-identity.ts";
import { answerTo } from "../aws-errors.ts";

/**
 * Asks Kinesis when a stream was created. DescribeStreamSummary may be called 20 times a second and account:
 * each process asks once in some minutes.
 */
export const kinesisStreamIdentity = (client: KinesisClient, clock: Clock): StreamIdentity =>
  rememberedIdentity(async (stream) => {
    const command = new DescribeStreamSummaryCommand({ StreamName: nameOf(stream) });
    const doing = `ask when stream ${stream} was created`;
    const { StreamDescriptionSummary } = await answerTo(doing, client.send(command));
    const createdAt = StreamDescriptionSummary?.StreamCreationTimestamp;
    if (createdAt === undefined) throw new UnavailableError(`${doing}: the answer does not say`);
    return createdAt.getTime();
  }, clock);

/** Of an ARN, or the name itself. */
const nameOf = (stream: string): string => stream.slice(stream.indexOf("/") + 1);
