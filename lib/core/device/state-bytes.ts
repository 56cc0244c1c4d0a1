import { BacktrackError } from "../errors.ts";
import type { Fence } from "../identity/fence.ts";
import type { DistanceFix } from "../motion/distance.ts";

/** Bytes that are not a device's state. */
export class DeviceStateError extends BacktrackError {
  override readonly code = "undecodable";
}

const WHOLE_END = 2 ** 48;

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Writes the parts of a device's state one after the other. */
export class Writer {
  private readonly target: Uint8Array;
  private readonly view: DataView;
  private offset = 0;

  constructor(target: Uint8Array) {
    this.target = target;
    this.view = new DataView(target.buffer);
  }

  byte(value: number): void {
    this.view.setUint8(this.offset++, value);
  }

  float(value: number): void {
    this.view.setFloat64(this.offset, value);
    this.offset += 8;
  }

  /** A count, or milliseconds since 1970: a whole number from 0 to 2^48 - 1, which is the year 10889. */
  whole(value: number): void {
    if (!(value >= 0 && value < WHOLE_END)) throw new DeviceStateError(`${value} is out of bounds`);
    this.length(Math.floor(value / 2 ** 32));
    this.view.setUint32(this.offset, value % 2 ** 32);
    this.offset += 4;
  }

  integer(value: number): void {
    this.view.setInt32(this.offset, value);
    this.offset += 4;
  }

  length(value: number): void {
    this.view.setUint16(this.offset, value);
    this.offset += 2;
  }

  fix(fix: DistanceFix): void {
    this.whole(fix.timestampMs);
    this.integer(fix.latitude);
    this.integer(fix.longitude);
    this.integer(fix.accuracy);
    this.integer(fix.speed);
  }

  text(text: Uint8Array): void {
    this.length(text.length);
    this.bytes(text);
  }

  digits(digits: string): void {
    this.length(digits.length);
    for (let index = 0; index < digits.length; index += 2) {
      this.byte(Number(digits[index]) * 16 + Number(digits[index + 1] ?? 0));
    }
  }

  bytes(bytes: Uint8Array): void {
    this.target.set(bytes, this.offset);
    this.offset += bytes.length;
  }

  written(): Uint8Array {
    return this.target.subarray(0, this.offset);
  }
}

/** Reads them back. Throws RangeError past the end; decodeDeviceState adds which device it is. */
export class Reader {
  private readonly source: Uint8Array;
  private readonly view: DataView;
  private offset = 0;

  constructor(source: Uint8Array) {
    this.source = source;
    this.view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  }

  byte(): number {
    return this.view.getUint8(this.offset++);
  }

  float(): number {
    const value = this.view.getFloat64(this.offset);
    if (!Number.isFinite(value)) throw new DeviceStateError("it holds a number that is not finite");
    this.offset += 8;
    return value;
  }

  whole(): number {
    const high = this.length();
    const low = this.view.getUint32(this.offset);
    this.offset += 4;
    return high * 2 ** 32 + low;
  }

  integer(): number {
    const value = this.view.getInt32(this.offset);
    this.offset += 4;
    return value;
  }

  fix(): DistanceFix {
    return {
      timestampMs: this.whole(),
      latitude: this.integer(),
      longitude: this.integer(),
      accuracy: this.integer(),
      speed: this.integer(),
    };
  }

  fence(isNumber: boolean): Fence {
    const stream = decoder.decode(this.take(this.length()));
    const length = this.length();
    return { stream, sequenceNumber: isNumber ? this.digits(length) : decoder.decode(this.take(length)) };
  }

  rest(): Uint8Array {
    return this.source.subarray(this.offset);
  }

  length(): number {
    const value = this.view.getUint16(this.offset);
    this.offset += 2;
    return value;
  }

  private digits(length: number): string {
    let digits = "";
    for (const byte of this.take((length + 1) >> 1)) digits += `${byte >> 4}${byte & 15}`;
    return digits.slice(0, length);
  }

  part(length: number): Uint8Array {
    return this.take(length);
  }

  private take(length: number): Uint8Array {
    if (this.offset + length > this.source.length) throw new DeviceStateError("it ends early");
    this.offset += length;
    return this.source.subarray(this.offset - length, this.offset);
  }
}
