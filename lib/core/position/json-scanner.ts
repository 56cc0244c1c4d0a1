// Reads JSON without building objects. JSON.parse is fast on what devices send, but up to 15 times slower per
// byte on what an attacker sends: an object of a new shape every few bytes, or an error every two. Here every
// byte costs about the same.

/** What a value is. `NOTHING`: it is not JSON. */
export const NOTHING = 0;
export const NULL = 1;
export const TRUE = 2;
export const FALSE = 3;
export const NUMBER = 4;
export const TEXT = 5;
export const ARRAY = 6;
export const OBJECT = 7;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const LITERALS: readonly (readonly [kind: number, bytes: Uint8Array])[] = [
  [NULL, new TextEncoder().encode("null")],
  [TRUE, new TextEncoder().encode("true")],
  [FALSE, new TextEncoder().encode("false")],
];

/**
 * Numbers of this many digits, multiplied or divided by these powers of ten, are exact: a single rounding of
 * exact values.
 */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));

/** Walks over JSON in valid UTF-8, and accepts exactly what JSON.parse accepts. */
export class JsonScanner {
  readonly bytes: Uint8Array;
  /** Where it stands; after a failure, where the bytes stop being JSON. */
  at: number;
  /** Where it has to end. */
  end: number;
  /** After a failure: what was expected there. */
  expected = "";
  /** Of the last number: its value, or NaN when only `Number` of its text tells it exactly. */
  number = 0;
  /** Of the last text: whether it has escapes. */
  isEscaped = false;
  /** Of the last array: how many elements it has. */
  count = 0;
  private stack = new Uint8Array(32);

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    // A Buffer is of another class: of one class alone the loops are faster.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.end = end;
  }

  /** The byte where it stands, after any white space; 0 at the end. */
  next(): number {
    const { bytes, end } = this;
    let { at } = this;
    let byte = 0;
    for (; at < end; at++) {
      byte = bytes[at];
      if (byte > 0x20 || !(byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09)) break;
    }
    this.at = at;
    return at < end ? byte : 0;
  }

  /** Goes past the value that comes next, and says what it is. */
  value(): number {
    return this.valueFrom(this.next());
  }

  /** The same when `next` has said that it begins with this byte. */
  valueFrom(byte: number): number {
    if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      if (!this.nested()) return NOTHING;
      return byte === OPEN_ARRAY ? ARRAY : OBJECT;
    }
    return this.scalar(byte);
  }

  /** Goes past a key and its colon; false when there is none. */
  key(): boolean {
    if (this.next() !== QUOTE) return this.fail("a field name in double quotes");
    return this.text();
  }

  colon(): boolean {
    if (this.next() !== COLON) return this.fail('":"');
    this.at++;
    return true;
  }

  /** Past a comma: 1. Past the closing bracket: 2. Else 0. */
  separator(closing: number): number {
    const byte = this.next();
    if (byte !== COMMA && byte !== closing) {
      this.fail(closing === CLOSE_ARRAY ? '"," or "]"' : '"," or "}"');
      return 0;
    }
    this.at++;
    return byte === COMMA ? 1 : 2;
  }

  /** True at the end, but for white space. */
  finish(): boolean {
    this.next();
    return this.at === this.end || this.fail("the end");
  }

  /** Goes past what lies between brackets, however deep, by a stack of its own. */
  private nested(): boolean {
    let isArray = this.bytes[this.at++] === OPEN_ARRAY;
    let depth = 0;
    let count = 0;
    let mayClose = true;
    for (;;) {
      let byte = this.next();
      if (mayClose && byte === (isArray ? CLOSE_ARRAY : CLOSE_OBJECT)) {
        this.at++;
        if (depth === 0) {
          this.count = 0;
          return true;
        }
        isArray = this.stack[--depth] === 1;
      } else {
        if (!isArray) {
          if (!(this.key() && this.colon())) return false;
          byte = this.next();
        }
        if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
          if (depth === this.stack.length) this.growStack();
          this.stack[depth++] = isArray ? 1 : 0;
          isArray = byte === OPEN_ARRAY;
          this.at++;
          mayClose = true;
          continue;
        }
        if (this.scalar(byte) === NOTHING) return false;
      }
      mayClose = false;
      for (;;) {
        if (depth === 0) count++;
        const passed = this.separator(isArray ? CLOSE_ARRAY : CLOSE_OBJECT);
        if (passed === 0) return false;
        if (passed === 1) break;
        if (depth === 0) {
          this.count = count;
          return true;
        }
        isArray = this.stack[--depth] === 1;
      }
    }
  }

  private growStack(): void {
    const grown = new Uint8Array(this.stack.length * 2);
    grown.set(this.stack);
    this.stack = grown;
  }

  private scalar(byte: number): number {
    if (byte === QUOTE) return this.text() ? TEXT : NOTHING;
    if (byte === MINUS || (byte >= ZERO && byte <= ZERO + 9)) {
      if (this.digits()) return NUMBER;
    } else {
      for (const [kind, literal] of LITERALS) if (byte === literal[0] && this.literal(literal)) return kind;
    }
    this.fail("a value");
    return NOTHING;
  }

  private literal(literal: Uint8Array): boolean {
    if (this.at + literal.length > this.end) return false;
    for (let index = 1; index < literal.length; index++) {
      if (this.bytes[this.at + index] !== literal[index]) return false;
    }
    this.at += literal.length;
    return true;
  }

  /** A text, from its quote to past its last one. */
  private text(): boolean {
    const { bytes, end } = this;
    this.isEscaped = false;
    for (let at = this.at + 1; at < end; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) {
        this.at = at + 1;
        return true;
      }
      if (byte < 0x20) break;
      if (byte !== BACKSLASH) continue;
      this.isEscaped = true;
      const length = escapeLength(bytes, at, end);
      if (length === 0) break;
      at += length - 1;
    }
    this.expected = UNCLOSED;
    return false;
  }

  /** Passes a number, as far as it is one. False if there is none, and then it does not move. */
  private digits(): boolean {
    const { bytes, end } = this;
    let { at } = this;
    const isNegative = bytes[at] === MINUS;
    if (isNegative) at++;
    const first = at;
    let mantissa = 0;
    let digit = at < end ? bytes[at] - ZERO : -1;
    if (!(digit >= 0 && digit <= 9)) return false;
    if (digit === 0) at++;
    else
      for (; at < end; at++) {
        digit = bytes[at] - ZERO;
        if (!(digit >= 0 && digit <= 9)) break;
        mantissa = mantissa * 10 + digit;
      }
    let digits = at - first;
    let scale = 0;
    if (at + 1 < end && bytes[at] === POINT && isDigit(bytes[at + 1])) {
      const point = at++;
      for (; at < end; at++) {
        digit = bytes[at] - ZERO;
        if (!(digit >= 0 && digit <= 9)) break;
        mantissa = mantissa * 10 + digit;
      }
      scale = at - point - 1;
      digits += scale;
    }
    let isExact = digits <= EXACT_DIGITS;
    const afterExponent = at < end && (bytes[at] | 0x20) === 0x65 ? exponentEnd(bytes, at, end) : at;
    if (afterExponent > at) isExact = false;
    this.at = afterExponent;
    const magnitude = isExact ? mantissa / POWERS_OF_TEN[scale] : Number.NaN;
    this.number = isNegative ? -magnitude : magnitude;
    return true;
  }

  private fail(expected: string): false {
    this.expected = expected;
    return false;
  }
}

/** What `expected` says of a text that does not end as it should. */
export const UNCLOSED = "a closed text";

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= ZERO + 9;

const isHex = (byte: number): boolean => isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);

/** How many bytes an escape takes; 0 if it is not an escape. */
const escapeLength = (bytes: Uint8Array, at: number, end: number): number => {
  if (at + 1 >= end) return 0;
  switch (bytes[at + 1]) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return 2;
    case 0x75: {
      if (at + 6 > end) return 0;
      for (let index = at + 2; index < at + 6; index++) if (!isHex(bytes[index])) return 0;
      return 6;
    }
  }
  return 0;
};

/** The place after the exponent that begins at an `e`; that of the `e` if there is no exponent. */
const exponentEnd = (bytes: Uint8Array, at: number, end: number): number => {
  let next = at + 1;
  if (next < end && (bytes[next] === 0x2b || bytes[next] === MINUS)) next++;
  const first = next;
  while (next < end && isDigit(bytes[next])) next++;
  return next > first ? next : at;
};
