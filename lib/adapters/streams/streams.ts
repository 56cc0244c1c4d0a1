import type { Clock } from "../../core/clock.ts";
import type { PositionStream } from "../../core/stream/position-stream.ts";
import type { StreamIdentity } from "../../core/stream/stream-identity.ts";
import type { OfTenant } from "../../core/tenant/of-tenant.ts";
import { isJetStreamAddress } from "../jetstream/address.ts";
import { jetStreamIdentityOf, jetStreamOf } from "./jetstream.ts";
import { kinesisIdentityOf, kinesisStreamOf } from "./kinesis.ts";

/*
 * Which stream POSITIONS_STREAM means: `nats://...` one of JetStream, any other text the name of one of
 * Kinesis. infra/bundle.ts can leave either out; what is left out throws MisconfiguredError. Nothing is
 * connected to before it is used.
 */

/** The stream, as a producer sees it. */
export const positionStreamOf = (stream: string): OfTenant<PositionStream> =>
  isJetStreamAddress(stream) ? jetStreamOf(stream) : kinesisStreamOf(stream);

/** When the stream was created. */
export const streamIdentityOf = (stream: string, clock: Clock): StreamIdentity =>
  isJetStreamAddress(stream) ? jetStreamIdentityOf(stream, clock) : kinesisIdentityOf(stream, clock);
