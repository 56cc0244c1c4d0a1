import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { InvalidInputError } from "../errors.ts";
import { MAXIMUM_PROBLEMS } from "./elements.ts";
import { appendPosition } from "./parse-position.ts";
import { parsePositions } from "./parse-positions.ts";
import { POSITION_FIELDS } from "./position.ts";
import { PositionBuffer } from "./position-buffer.ts";
import { spreadSeconds } from "./spread-seconds.ts";

const NOW = Date.UTC(2026, 10, 20, 12);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const at = (seconds: number, more: object = {}) => ({
  timestamp: 1577218800 + seconds,
  latitude: 47,
  longitude: 19,
  ...more,
});
const parse = (text: string, deviceId?: string) => parsePositions(bytes(text), NOW, deviceId);
const timestamps = (text: string): number[] =>
  [...parse(text).positions].map(({ timestampMs }) => timestampMs / 1000 - 1577218800);

describe("forms", () => {
  test.each<[string, string, number[]]>([
    ["one object", JSON.stringify(at(1)), [1]],
    ["one object over several lines", JSON.stringify(at(1), null, 2), [1]],
    ["an array", JSON.stringify([at(1), at(2)]), [1, 2]],
    ["an array over several lines", JSON.stringify([at(1), at(2)], null, "\t"), [1, 2]],
    ["an array with an element a line", `[\n${JSON.stringify(at(1))},\n${JSON.stringify(at(2))}\n]`, [1, 2]],
    ["an empty array", "[]", []],
    ["NDJSON", `${JSON.stringify(at(1))}\n${JSON.stringify(at(2))}\n`, [1, 2]],
    [
      "NDJSON with CRLF and blank lines",
      `\r\n${JSON.stringify(at(1))}\r\n\r\n${JSON.stringify(at(2))}`,
      [1, 2],
    ],
    ["NDJSON of one line", `${JSON.stringify(at(1))}\n\n`, [1]],
    ["a byte order mark", `\ufeff${JSON.stringify(at(1))}`, [1]],
  ])("%s", (_, text, expected) => {
    expect(timestamps(text)).toEqual(expected);
    expect(parse(text)).toMatchObject({ accepted: expected.length, refused: 0, rejected: [] });
  });
});

describe("one bad element never sinks the rest", () => {
  test("in an array", () => {
    const { positions, accepted, refused, rejected } = parse(
      JSON.stringify([at(1), at(2, { latitude: 91, longitude: "east" }), null, at(3)]),
    );
    expect([positions.count, accepted, refused]).toEqual([2, 2, 2]);
    expect(rejected).toEqual([
      { index: 1, field: "latitude", value: 91, rule: "must be between -90 and 90" },
      { index: 1, field: "longitude", value: "east", rule: "must be a number between -180 and 180" },
      { index: 2, field: "position", value: null, rule: "must be a JSON object" },
    ]);
  });

  test.each([
    [
      "in the middle",
      [JSON.stringify(at(1)), '{"timestamp": 15772', JSON.stringify(at(3))],
      1,
      "line 3, column 20",
    ],
    ["first", ["garbage", JSON.stringify(at(1)), JSON.stringify(at(3))], 0, "line 1, column 1"],
    ["last", [JSON.stringify(at(1)), JSON.stringify(at(3)), '{"a":nan}'], 2, "line 4, column 6"],
    [
      "an array",
      [JSON.stringify([at(2)]), JSON.stringify(at(1)), JSON.stringify(at(3))],
      0,
      "must be a JSON object",
    ],
  ])("in NDJSON, %s", (_, lines, index, where) => {
    // A blank line after the first counts as a line, and not as an element.
    const text = [lines[0], "", ...lines.slice(1)].join("\n");
    expect(timestamps(text)).toEqual([1, 3]);
    expect(parse(text).rejected).toEqual([
      expect.objectContaining({ index, rule: expect.stringContaining(where) }),
    ]);
  });

  test("a million bad elements are not a million problems", () => {
    const { rejected, refused, accepted } = parse(`[${"0,".repeat(200_000)}${JSON.stringify(at(1))}]`);
    expect([accepted, refused, rejected.length]).toEqual([1, 200_000, MAXIMUM_PROBLEMS + 1]);
    expect(rejected.at(-1)?.rule).toContain("199000 more");
  });
});

describe("the whole is unreadable", () => {
  test.each<[string, string, string]>([
    ["empty", "", "is empty"],
    ["blank", " \r\n\t", "is empty"],
    ["text", "hello", 'line 1, column 1: expected a value, found "h"'],
    ["a number", "12", "must be a JSON object, an array of objects, or one object per line"],
    ["null", "null", "must be a JSON object, an array of objects, or one object per line"],
    ["CSV", "timestamp,latitude\n1,2\n", "line 1, column 1"],
    [
      "a broken object over several lines",
      '{\n  "latitude": 1,\n}',
      "line 3, column 1: expected a field name",
    ],
    [
      "an array that ends early",
      `[${JSON.stringify(at(1))},`,
      "(element 1): expected a value, found the end",
    ],
    [
      "an array without commas",
      `[\n${JSON.stringify(at(1))}\n${JSON.stringify(at(2))}\n]`,
      "line 3, column 1 (element 0)",
    ],
    [
      "an array with a line of NaN",
      '[\n{"latitude":1},\n{"latitude":NaN},\n{"latitude":2}\n]',
      "line 3, column 13 (element 1)",
    ],
    ["deep nesting", "[".repeat(100_000), "column 100001"],
  ])("%s", (_, text, message) => {
    expect(() => parse(text)).toThrow(InvalidInputError);
    expect(() => parse(text)).toThrow(message);
  });

  test.each([
    ["binary", Uint8Array.of(0x1f, 0x8b, 0x08, 0x00, 0xff)],
    ["UTF-16", new Uint8Array(new Uint16Array([0xfeff, 0x7b, 0x7d]).buffer)],
    ["Latin-1", Uint8Array.of(0x7b, 0x22, 0xe9, 0x22, 0x7d)],
  ])("%s", (_, body) => {
    expect(() => parsePositions(body, NOW)).toThrow("UTF-8");
  });

  test("the problem names the body and the element", () => {
    expect.assertions(1);
    try {
      parse(`[${JSON.stringify(at(1))}, ?]`);
    } catch (error) {
      expect((error as InvalidInputError).problems).toEqual([
        { field: "body", index: 1, rule: expect.stringContaining('expected a value, found "?"') },
      ]);
    }
  });
});

describe("device id", () => {
  test("an element may name the device, and no other one", () => {
    const elements = [
      at(1),
      at(2, { deviceId: "van-7" }),
      at(3, { device_id: "van-7" }),
      at(4, { deviceId: "van-8" }),
      at(5, { device_id: 7 }),
      at(6, { deviceId: null }),
    ];
    const { accepted, rejected } = parse(JSON.stringify(elements), "van-7");
    expect(accepted).toBe(4);
    expect(rejected).toEqual([
      { index: 3, field: "deviceId", value: "van-8", rule: expect.stringContaining("van-7") },
      { index: 4, field: "device_id", value: 7, rule: expect.stringContaining("van-7") },
    ]);
    expect(parse(JSON.stringify(at(5, { device_id: 7 })), "7").accepted).toBe(1);
    expect(parse(JSON.stringify(elements)).accepted).toBe(6);
  });
});

describe("finding 3: one element never sinks its record", () => {
  const GOOD = JSON.stringify(at(1));
  const GOOD_TOO = JSON.stringify(at(2));

  test.each<[string, string, object]>([
    ["a device id that is an object", '{"deviceId":{"toString":1}}', { field: "deviceId" }],
    ["a device id that is an array", '{"device_id":[[["van-7"]]]}', { field: "device_id" }],
    ["a device id that is true", '{"deviceId":true}', { field: "deviceId", value: true }],
    ["nesting of 20,000", `${'{"a":['.repeat(20_000)}${"]}".repeat(20_000)}`, { field: "timestamp" }],
    [
      "a device id nested 20,000 deep",
      `{"deviceId":${"[".repeat(20_000)}${"]".repeat(20_000)}}`,
      { field: "deviceId", value: "an array of 1" },
    ],
    [
      "a latitude nested 20,000 deep",
      `{"latitude":${"[".repeat(20_000)}${"]".repeat(20_000)}}`,
      { field: "timestamp" },
    ],
    ["an array", "[[1,2],3]", { field: "position", value: "an array of 2" }],
    ["a prototype", '{"__proto__":{"timestamp":1577218801,"latitude":1,"longitude":1}}', {}],
    ["keys of Object.prototype", '{"constructor":1,"hasOwnProperty":2,"valueOf":3}', {}],
  ])("%s", (_, hostile, problem) => {
    for (const text of [`[${GOOD},${hostile},${GOOD_TOO}]`, [GOOD, hostile, GOOD_TOO].join("\n")]) {
      const { accepted, refused, rejected } = parse(text, "van-7");
      expect([accepted, refused]).toEqual([2, 1]);
      expect(rejected[0]).toMatchObject({ index: 1, ...problem });
    }
  });

  const NAMES = [
    "timestamp",
    "deviceId",
    "device_id",
    "__proto__",
    "toString",
    ...POSITION_FIELDS.flatMap(({ name, courseName }) => [name, courseName]),
  ];
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom("1", " 47 ", "", "van-7", "2026-05-04T12:00:00Z", 1577218801, 47.5, -0, 1e300, 0.1),
  );
  const fields = fc
    .array(fc.tuple(fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 12 })), value), {
      maxLength: 20,
    })
    .map(
      (entries) => `{${entries.map(([name, each]) => `${escaped(name)}:${JSON.stringify(each)}`).join()}}`,
    );
  const element = fc.oneof(
    fields,
    value.map((each) => JSON.stringify(each)),
    // Most of what it needs, so that it may become a position.
    fields.map((text) => `${GOOD.slice(0, -1)}${text === "{}" ? "}" : `,${text.slice(1)}`}`),
  );

  test("whatever JSON an element is: the same comes of it as of JSON.parse and appendPosition, and its neighbours survive", () => {
    fc.assert(
      fc.property(fc.array(element, { maxLength: 6 }), fc.boolean(), (elements, asLines) => {
        const all = [GOOD, ...elements, GOOD_TOO];
        const { positions, accepted, refused, rejected } = parse(asLines ? all.join("\n") : `[${all}]`);
        const expected = new PositionBuffer();
        const problems = all.flatMap((text, index) =>
          (appendPosition(expected, JSON.parse(text), NOW) ?? []).map((problem) => ({ ...problem, index })),
        );
        spreadSeconds(expected);
        expect([...positions]).toEqual([...expected]);
        expect([accepted, refused]).toEqual([expected.count, all.length - expected.count]);
        expect(rejected).toEqual(problems);
        expect(parse(`[${all}]`, "van-7").accepted).toBeGreaterThanOrEqual(2);
      }),
      { numRuns: 1500 },
    );
  });
});

/** As JSON, with some letters written as escapes. */
function escaped(name: string): string {
  const json = JSON.stringify(name);
  return name.length % 3 === 0
    ? json.replace(/[a-m]/, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`)
    : json;
}

describe("finding 2: no work but for its bytes", () => {
  const MANY = 20_000;

  test.each<[string, string]>([
    ["lines of x", `${JSON.stringify(at(1))}\n${"x\n".repeat(MANY)}`],
    ["lines of {", `${JSON.stringify(at(1))}\n${"{\n".repeat(MANY)}`],
    ["lines of numbers", `${JSON.stringify(at(1))}\n${"0\n".repeat(MANY)}`],
    ["elements of nothing", `[${JSON.stringify(at(1))}${",{}".repeat(MANY)}]`],
    ["elements of their own shape", `[${JSON.stringify(at(1))}${shapes(MANY)}]`],
    ["strangers", `[${JSON.stringify(at(1))}${',{"deviceId":"x"}'.repeat(MANY)}]`],
  ])("%s: neither an error nor a value is made for each, and so many problems are told", (_, text) => {
    const parseJson = vi.spyOn(JSON, "parse");
    const captured = vi.spyOn(Error, "captureStackTrace");
    const { accepted, refused, rejected } = parse(text, "van-7");
    expect([accepted, refused]).toEqual([1, MANY]);
    expect(rejected.length).toBeLessThanOrEqual(MAXIMUM_PROBLEMS + 3);
    expect(rejected.at(-1)?.rule).toMatch(/\d+ more were refused/);
    expect(parseJson).not.toHaveBeenCalled();
    expect(captured).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  test("nothing but junk is one error", () => {
    expect(() => parse("x\n".repeat(MANY))).toThrow('line 1, column 1: expected a value, found "x"');
    expect(() => parse("{\n".repeat(MANY))).toThrow("line 2, column 1: expected a field name");
  });

  test("digits without end, with a letter behind them, are read once", () => {
    const digits = "1".repeat(300_000);
    const text = JSON.stringify([at(1), at(2, { latitude: `${digits}x`, hdop: `${digits}.${digits}e` })]);
    expect(parse(text)).toMatchObject({ accepted: 1, refused: 1 });
    expect(parse(JSON.stringify({ ...at(1), timestamp: `2026-05-04T12:00:00.${digits}` })).refused).toBe(1);
  });
});

function shapes(count: number): string {
  return Array.from({ length: count }, (_, index) => `,{"${index.toString(36)}":1}`).join("");
}
