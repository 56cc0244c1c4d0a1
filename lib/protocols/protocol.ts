import type { RequestHead } from "../core/access/sent-key.ts";
import type { FieldProblem } from "../core/errors.ts";
import type { ElementsOutcome } from "../core/position/elements.ts";
import type { DeviceLimit } from "../core/position/parse-fleet-positions.ts";
import type { TimestampRules } from "../core/position/parse-timestamp.ts";
import type { PositionBuffer } from "../core/position/position-buffer.ts";

/** A request that positions come with, out of its envelope. */
export interface ProtocolRequest {
  /** Of the path, decoded and checked. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What positions are held to. */
export interface Reading {
  readonly nowMs: number;
  readonly timestampRules?: TimestampRules | undefined;
  /** Which devices the sender may speak for. */
  readonly devices: DeviceLimit;
}

/** What a request brings. */
export interface SentPositions extends ElementsOutcome {
  /** By device, each in the request's order; devices with nothing that was accepted are left out. */
  readonly positions: ReadonlyMap<string, PositionBuffer>;
  /** How many elements were refused because the sender may not speak for their device. */
  readonly forbidden: number;
}

/** What became of a request, as the sender may see it. */
export interface Outcome {
  /** See Protocol.device. */
  readonly device: string | undefined;
  readonly accepted: number;
  readonly rejected: readonly (FieldProblem & { readonly error: string })[];
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body: unknown;
}

/**
 * What phones and trackers speak. Pure: a protocol is given requests, and gives positions and replies; who
 * calls it and where the positions go is not its affair. A new one is a file with such an object, its line in
 * registry.ts, and its routes in the definition of accept-positions. Its tests hold requests of real devices.
 */
export interface Protocol<Route extends string = string> {
  readonly name: string;
  /** The routes that speak it, as definitions name them: `POST /positions`. */
  readonly routes: readonly Route[];
  /**
   * A request without any position is an error of its sender. Else it is answered as any other: some
   * protocols send more.
   */
  readonly mustBringPosition: boolean;
  /** The API key, as it was sent; undefined when there is none. */
  credentials(head: RequestHead): string | undefined;
  /** The one device that all positions of the request are of; undefined when each of them names its own. */
  device(request: ProtocolRequest): string | undefined;
  /** Throws InvalidInputError for the field `body` when the request as a whole is unreadable. */
  positions(request: ProtocolRequest, reading: Reading): SentPositions;
  reply(outcome: Outcome): Reply;
}
