import { unheardDevice } from "../../../lib/core/device/device-state.ts";
import { advanceDistance } from "../../../lib/core/motion/distance.ts";
import type { Position } from "../../../lib/core/position/position.ts";
import { PositionBuffer } from "../../../lib/core/position/position-buffer.ts";

/** What one device sends at once. */
export interface FleetRecord {
  readonly deviceId: string;
  /** JSON, as any producer writes it. */
  readonly data: string;
  readonly positions: readonly Position[];
}

export interface FleetSize {
  readonly devices: number;
  /** Records of each device. */
  readonly rounds: number;
  readonly seed: number;
}

const START_MS = Date.parse("2026-03-14T08:00:00Z");

/**
 * Devices that drive about, as rounds of one record each: of one to three positions, every second one
 * position. Some records are sent twice by their device. A few devices also send positions late, by up to
 * five seconds.
 */
export const fleetRounds = ({ devices, rounds, seed }: FleetSize): FleetRecord[][] => {
  const random = randomFrom(seed);
  const drivers = Array.from({ length: devices }, (_, index) => new Driver(index, random));
  return Array.from({ length: rounds }, () => drivers.map((driver) => driver.next()));
};

/** Its late positions are late by chance of where its tail was sealed, so only its track can be foretold. */
export const sendsLate = (deviceId: string): boolean => deviceId.startsWith("late-");
/** Sends over HTTP; the others' records are put onto the stream directly. */
export const sendsOverHttp = (deviceId: string): boolean => deviceId.startsWith("http-");

const idOf = (index: number): string => {
  if (index % 20 === 7) return `http-${index}`;
  return index % 20 === 13 ? `late-${index}` : `van.${index}`;
};

/** Whole quanta of the codec, so that what comes back is exactly what was sent. */
const DEGREE_QUANTA = 1e7;
const SPEED_QUANTA = 100;

class Driver {
  readonly #deviceId: string;
  readonly #random: () => number;
  #timestampMs: number;
  #latitude: number;
  #longitude = 145_000_000;
  #last: FleetRecord | undefined;

  constructor(index: number, random: () => number) {
    this.#deviceId = idOf(index);
    this.#random = random;
    this.#timestampMs = START_MS + index;
    this.#latitude = 450_000_000 + index * 10_000;
  }

  next(): FleetRecord {
    if (this.#last && this.#random() < 0.02) return this.#last;
    const positions = Array.from({ length: 1 + Math.floor(this.#random() * 3) }, () => this.#position());
    const data = JSON.stringify(
      positions.map(({ timestampMs, ...rest }) => ({ timestamp: timestampMs, ...rest })),
    );
    this.#last = { deviceId: this.#deviceId, data, positions };
    return this.#last;
  }

  #position(): Position {
    // Late ones lie between the others, so no timestamp comes twice.
    const isLate = sendsLate(this.#deviceId) && this.#random() < 0.1;
    if (!isLate) {
      this.#timestampMs += 1_000;
      this.#latitude += Math.floor(this.#random() * 1_500);
      this.#longitude += Math.floor(this.#random() * 1_500);
    }
    const lateMs = 1_000 * Math.floor(1 + this.#random() * 5) + 100 + Math.floor(this.#random() * 800);
    return {
      timestampMs: isLate ? this.#timestampMs - lateMs : this.#timestampMs,
      latitude: this.#latitude / DEGREE_QUANTA,
      longitude: this.#longitude / DEGREE_QUANTA,
      speedMetersPerSecond: Math.floor(this.#random() * 2_000) / SPEED_QUANTA,
    };
  }
}

/** mulberry32: the same numbers for the same seed, on every machine. */
const randomFrom = (seed: number) => {
  let state = seed >>> 0;
  return (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** What must be known of a device in the end. */
export interface ExpectedDevice {
  readonly deviceId: string;
  /** In time order, each once. */
  readonly track: readonly Position[];
  /** To the centimetre. */
  readonly odometerMeters: number;
}

/** In a single pass over what was sent, each position once; the first with a timestamp counts. */
export const expectedDevices = (records: Iterable<FleetRecord>): ExpectedDevice[] => {
  const tracks = new Map<string, Map<number, Position>>();
  for (const { deviceId, positions } of records) {
    const track = tracks.get(deviceId) ?? new Map<number, Position>();
    tracks.set(deviceId, track);
    for (const position of positions) {
      if (!track.has(position.timestampMs)) track.set(position.timestampMs, position);
    }
  }
  return [...tracks].map(([deviceId, positions]) => {
    const track = [...positions.values()].sort((one, other) => one.timestampMs - other.timestampMs);
    const { meters } = advanceDistance(unheardDevice(deviceId).sealedDistance, PositionBuffer.from(track));
    return { deviceId, track, odometerMeters: Math.round(meters * 100) / 100 };
  });
};
