import type { Clock } from "../../core/clock.ts";
import type { PositionStream } from "../../core/stream/position-stream.ts";
import type { StreamIdentity } from "../../core/stream/stream-identity.ts";
import type { OfTenant } from "../../core/tenant/of-tenant.ts";
import { kinesisClient } from "../kinesis/client.ts";
import { kinesisPositionStream } from "../kinesis/position-stream.ts";
import { kinesisStreamIdentity } from "../kinesis/stream-identity.ts";

/* What streams.ts chooses for a stream of Kinesis. Bundles for JetStream alone have without-kinesis.ts here. */

export const kinesisStreamOf = (name: string): OfTenant<PositionStream> =>
  kinesisPositionStream(kinesisClient(), name);

export const kinesisIdentityOf = (_name: string, clock: Clock): StreamIdentity =>
  kinesisStreamIdentity(kinesisClient(), clock);
