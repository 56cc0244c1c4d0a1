import type { PositionBuffer } from "../position/position-buffer.ts";

/**
 * Finds something out about a device from its positions, in constant memory. It is a fold over the track in
 * time order, as the odometer is. The state of a device keeps what the fold gives for the sealed part of the
 * track; the tail is folded on top of that whenever somebody wants to know. So a position that is inserted
 * into the tail is in its place, a redelivery changes nothing, and a position that comes after its neighbours
 * were sealed is left out until a repair folds the whole track again.
 *
 * A detector must depend on the positions alone, never on a clock, and must not care where the fold is cut in
 * two.
 */
export interface Detector<State> {
  /**
   * Names its bytes in stored states, 0 to 255; never given to another detector, nor to another form of the
   * same.
   */
  readonly id: number;
  /** Before the first position. */
  readonly initial: State;
  /** What `encode` returns at most. These bytes are taken from the room of every tail, used or not. */
  readonly maximumBytes: number;
  /** No bytes stand for `initial`. `State` is plain data: repairs keep it as JSON. */
  encode(state: State): Uint8Array;
  /** Throws for what `encode` never returns. */
  decode(bytes: Uint8Array): State;
  /**
   * After the positions `from` (inclusive) to `to` (exclusive) too, which are in time order and newer than
   * all before.
   */
  step(state: State, positions: PositionBuffer, from: number, to: number): State;
}
