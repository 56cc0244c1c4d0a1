import { toJson } from "../lib/core/position/parse-position.ts";
import type { PositionBuffer } from "../lib/core/position/position-buffer.ts";

/** What is read: a body of positions, as the stream and the API accept it, or a file. */
export type InputKind = "json" | "csv";

export interface HostileInput {
  readonly name: string;
  readonly kind: InputKind;
  /** Begins with `begin`, repeats `unit` up to the requested length, then ends with `end`. */
  readonly begin?: string;
  readonly unit: (index: number) => string;
  readonly end?: string;
}

const CSV_HEADER = "timestamp,latitude,longitude\n";

const repeated =
  (text: string): ((index: number) => string) =>
  () =>
    text;
const json = (name: string, unit: (index: number) => string, begin = "[", end = "0]"): HostileInput => ({
  name,
  kind: "json",
  begin,
  unit,
  end,
});
const lines = (name: string, unit: string, begin = ""): HostileInput => ({
  name,
  kind: "json",
  begin,
  unit: repeated(unit),
});
const csv = (name: string, unit: string, begin = CSV_HEADER): HostileInput => ({
  name,
  kind: "csv",
  begin,
  unit: repeated(unit),
});

/** A text of about `bytes` bytes. */
export const textOf = ({ begin = "", unit, end = "" }: HostileInput, bytes: number): string => {
  const parts: string[] = [];
  let length = begin.length + end.length;
  for (let index = 0; length < bytes; index++) {
    const part = unit(index);
    parts.push(part);
    length += part.length;
  }
  return begin + parts.join("") + end;
};

/** What devices send: a repeated drive with every field. */
export const goodInputs = (drive: PositionBuffer): readonly HostileInput[] => {
  const positions = Array.from(drive, toJson);
  const texts = positions.map((position) => JSON.stringify(position));
  const names = Object.keys(positions[0] ?? {}) as (keyof (typeof positions)[number])[];
  const rows = positions.map((position) => names.map((name) => position[name] ?? "").join());
  const nth = (all: readonly string[], end: string) => (index: number) => `${all[index % all.length]}${end}`;
  return [
    json("a drive as JSON", nth(texts, ",")),
    { name: "a drive as CSV", kind: "csv", begin: `${names.join()}\n`, unit: nth(rows, "\n") },
  ];
};

const NESTING = 2_000;
const POSITION = '"timestamp":1577218887,"latitude":1,"longitude":1';

/** What only an attacker sends, each the worst known of its kind. */
export const HOSTILE_INPUTS: readonly HostileInput[] = [
  lines("lines of x", "x\n"),
  lines("lines of {", "{\n"),
  lines('lines of {"a', '{"a\n', "{}\n"),
  lines("lines of [", "[\n", "{}\n"),
  lines("blank lines", "\n", "{}\n"),
  json("numbers", repeated("0,")),
  json("empty objects", repeated("{},")),
  json("empty arrays", repeated("[],")),
  json("objects of their own shape", (index) => `{"${index.toString(36)}":1},`),
  json("one object of all keys", (index) => `"${index.toString(36)}":1,`, "[{", '"z":1}]'),
  json("whole numbers as keys", (index) => `"${(index * 7919) % 4_294_967_290}":1,`, "[{", '"z":1}]'),
  json("escaped keys", repeated('"\\u006c":1,'), "[{", '"z":1}]'),
  json("one field again and again", repeated('"hdop":"1",'), "[{", '"z":1}]'),
  json("nesting", repeated(`${"[".repeat(NESTING)}${"]".repeat(NESTING)},`)),
  json("devices that are objects", repeated('{"deviceId":{}},')),
  json("devices that are others", repeated('{"deviceId":"x"},')),
  json("long fractions of a second", repeated(`{"timestamp":"2026-05-04T12:00:00.${"1".repeat(40)}"},`)),
  json("digits and a letter", repeated(`{${POSITION},"hdop":"${"1".repeat(4_000)}x"},`)),
  json("numbers of many digits", repeated(`{${POSITION},"hdop":1.${"0".repeat(770)}1},`)),
  json("numbers as text", repeated(`{"timestamp":"1577218887","latitude":"1","longitude":"1"},`)),
  json(
    "the same, with a letter of two bytes",
    repeated(`{"timestamp":"1577218887","latitude":"1","é":"1"},`),
  ),
  json("one second", (index) => `{"timestamp":1577218887,"latitude":${index % 90},"longitude":1},`),
  csv("lines of a quote", '"\n'),
  csv("lines of quotes", '"""\n"\n'),
  csv("quotes that close late", `"\n${'""\n'.repeat(18)}`),
  csv("rows of nothing", ",,\n"),
  csv("short rows", "x\n"),
  csv("commas alone", `${",".repeat(900_000)}\n`),
  csv("digits and a letter in CSV", `${"1".repeat(4_000)}x,1,1\n`),
  csv("columns", "x,", ""),
];
