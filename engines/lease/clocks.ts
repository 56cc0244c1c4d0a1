import type { Clock } from "../../lib/core/clock.ts";

/** The two clocks of a machine. Neither is ever compared with another machine's. */
export interface LeaseClocks {
  /** Never set; on Linux it stands still while the machine is suspended. */
  readonly monotonic: Clock;
  /** Goes on during a suspension, and may be set. */
  readonly wall: Clock;
}

export const MACHINE_CLOCKS: LeaseClocks = { monotonic: () => performance.now(), wall: () => Date.now() };

/** A moment, by both clocks. */
export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export const momentOf = ({ monotonic, wall }: LeaseClocks): Moment => ({
  monotonicMs: monotonic(),
  wallMs: wall(),
});

/** How much time may have passed: whichever clock says more, so that a suspended machine counts its sleep. */
export const passedAtMost = (since: Moment, clocks: LeaseClocks): number =>
  Math.max(clocks.monotonic() - since.monotonicMs, clocks.wall() - since.wallMs);
