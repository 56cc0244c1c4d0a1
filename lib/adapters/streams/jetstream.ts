import type { Clock } from "../../core/clock.ts";
import type { PositionStream } from "../../core/stream/position-stream.ts";
import type { StreamIdentity } from "../../core/stream/stream-identity.ts";
import type { OfTenant } from "../../core/tenant/of-tenant.ts";
import { sharedJetStream } from "../jetstream/connection.ts";
import { jetStreamPositionStream } from "../jetstream/position-stream.ts";
import { jetStreamIdentity } from "../jetstream/stream-identity.ts";

/* What streams.ts chooses for a stream of JetStream. Bundles for Kinesis alone have without-jetstream.ts here. */

export const jetStreamOf = (address: string): OfTenant<PositionStream> =>
  jetStreamPositionStream(sharedJetStream(address));

export const jetStreamIdentityOf = (address: string, clock: Clock): StreamIdentity =>
  jetStreamIdentity(sharedJetStream(address), clock);
