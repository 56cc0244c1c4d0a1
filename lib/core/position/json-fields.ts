import { ArrayInBrief } from "../field-problems.ts";
import { ARRAY, FALSE, JsonScanner, NOTHING, NULL, NUMBER, OBJECT, TEXT, TRUE } from "./json-scanner.ts";
import { POSITION_FIELDS } from "./position.ts";

/** The known field names; others are skipped. If both names of a field are there, ours wins. */
const NAMES = [
  "timestamp",
  "deviceId",
  "device_id",
  ...POSITION_FIELDS.map(({ name }) => name),
  ...POSITION_FIELDS.flatMap(({ name, courseName }) => (name === courseName ? [] : [courseName])),
];

export const TIMESTAMP_FIELD = 0;
export const DEVICE_ID_FIELD = 1;
export const COURSE_DEVICE_ID_FIELD = 2;
/** By column of POSITION_FIELDS: which field holds it by our name, and which by the course's. */
export const OUR_FIELDS = POSITION_FIELDS.map(({ name }) => NAMES.indexOf(name));
export const COURSE_FIELDS = POSITION_FIELDS.map(({ courseName }) => NAMES.indexOf(courseName));

const ENCODED = NAMES.map((name) => new TextEncoder().encode(name));
const LONGEST_NAME = Math.max(...ENCODED.map(({ length }) => length));
/** Fields by the length of their names. */
const BY_LENGTH = Array.from({ length: LONGEST_NAME + 1 }, (_, length) =>
  NAMES.flatMap((name, field) => (name.length === length ? [field] : [])),
);

const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
/** In quotes, with six bytes a letter. */
const LONGEST_ESCAPED_KEY = 6 * LONGEST_NAME + 2;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Makes one character of each byte. */
const oneByteDecoder = new TextDecoder("latin1");

/** The elements of some JSON, one after the other; of each only the known fields. */
export class JsonFields {
  readonly scanner: JsonScanner;
  /** What the element is. */
  kind = NOTHING;
  /**
   * The kind of each field of the element; NOTHING if the field is missing or the element is not an object.
   */
  readonly kinds = new Uint8Array(NAMES.length);
  /** The value of each field that is a NUMBER, or NaN: see JsonScanner.number. */
  readonly numbers = new Float64Array(NAMES.length);
  private readonly counts = new Float64Array(NAMES.length);
  private readonly froms = new Float64Array(NAMES.length);
  private readonly tos = new Float64Array(NAMES.length);
  private hasFields = false;
  private elementFrom = 0;
  private elementTo = 0;
  /** The same as text that has one character for each byte, of which only the ASCII ones are right. */
  private bytewise: string | undefined;
  private readonly isAscii: boolean;

  /** `text` is what `bytes` decode to. */
  constructor(bytes: Uint8Array, text: string) {
    this.scanner = new JsonScanner(bytes);
    this.isAscii = text.length === bytes.length;
    if (this.isAscii) this.bytewise = text;
  }

  /** Reads the next element. False when the bytes stop being JSON; the scanner knows where. */
  read(): boolean {
    const { scanner } = this;
    const first = scanner.next();
    this.elementFrom = scanner.at;
    if (first === OPEN_OBJECT) {
      if (this.hasFields) this.kinds.fill(NOTHING);
      this.hasFields = false;
      this.kind = this.readObject() ? OBJECT : NOTHING;
    } else {
      this.kind = scanner.valueFrom(first);
    }
    this.elementTo = scanner.at;
    return this.kind !== NOTHING;
  }

  /**
   * The value of a field: a number, a text, a boolean, null, an empty object or an ArrayInBrief; undefined
   * where there is none.
   */
  valueOf(field: number): unknown {
    const kind = this.kinds[field];
    if (kind === NUMBER && !Number.isNaN(this.numbers[field])) return this.numbers[field];
    return this.valueAt(kind, this.froms[field], this.tos[field], this.counts[field]);
  }

  /** The element in the same way; of an object the fields that mean something. */
  element(): unknown {
    if (this.kind !== OBJECT) {
      return this.valueAt(this.kind, this.elementFrom, this.elementTo, this.scanner.count);
    }
    const fields: Record<string, unknown> = {};
    for (let field = 0; field < NAMES.length; field++) {
      if (this.kinds[field] !== NOTHING) fields[NAMES[field]] = this.valueOf(field);
    }
    return fields;
  }

  private readObject(): boolean {
    const { scanner } = this;
    scanner.at++;
    if (scanner.next() === CLOSE_OBJECT) {
      scanner.at++;
      return true;
    }
    for (;;) {
      scanner.next();
      const quote = scanner.at;
      if (!scanner.key()) return false;
      const field = scanner.isEscaped
        ? this.escapedField(quote, scanner.at)
        : fieldNamed(scanner.bytes, quote + 1, scanner.at - quote - 2);
      if (!scanner.colon()) return false;
      const first = scanner.next();
      const from = scanner.at;
      const kind = scanner.valueFrom(first);
      if (kind === NOTHING) return false;
      if (field >= 0) {
        this.hasFields = true;
        this.kinds[field] = kind;
        this.numbers[field] = scanner.number;
        this.counts[field] = scanner.count;
        this.froms[field] = from;
        this.tos[field] = scanner.at;
      }
      const passed = scanner.separator(CLOSE_OBJECT);
      if (passed !== 1) return passed === 2;
    }
  }

  /**
   * Which field a key with escapes is; -1 for none that means something. Names have letters alone, which only
   * \u can stand for.
   */
  private escapedField(from: number, to: number): number {
    if (to - from > LONGEST_ESCAPED_KEY) return -1;
    const { bytes } = this.scanner;
    for (let at = from; at < to; at++) {
      if (bytes[at] === BACKSLASH && bytes[at + 1] !== LETTER_U) return -1;
    }
    return NAMES.indexOf(String(JSON.parse(this.textAt(from, to))));
  }

  private valueAt(kind: number, from: number, to: number, count: number): unknown {
    switch (kind) {
      case NULL:
        return null;
      case TRUE:
        return true;
      case FALSE:
        return false;
      case NUMBER:
        return Number(this.textAt(from, to));
      case TEXT: {
        const inside = this.textAt(from + 1, to - 1);
        return inside.includes("\\") ? JSON.parse(this.textAt(from, to)) : inside;
      }
      case ARRAY:
        return new ArrayInBrief(count);
      case OBJECT:
        return {};
      default:
        return undefined;
    }
  }

  private textAt(from: number, to: number): string {
    const { bytes } = this.scanner;
    for (let at = from; !this.isAscii && at < to; at++) {
      if (bytes[at] >= 0x80) return decoder.decode(bytes.subarray(from, to));
    }
    this.bytewise ??= oneByteDecoder.decode(bytes);
    return this.bytewise.slice(from, to);
  }
}

const fieldNamed = (bytes: Uint8Array, from: number, length: number): number => {
  if (length > LONGEST_NAME) return -1;
  for (const field of BY_LENGTH[length]) {
    const name = ENCODED[field];
    let index = 0;
    while (index < length && bytes[from + index] === name[index]) index++;
    if (index === length) return field;
  }
  return -1;
};
