import { parseArgs } from "node:util";
import { seededRandom } from "../test/random-segment.ts";
import { benchDrive } from "./drive.ts";
import { goodInputs, HOSTILE_INPUTS, type InputKind, textOf } from "./hostile-inputs.ts";
import { nanosecondsPerByte } from "./time-per-byte.ts";

const USAGE = `Usage: npm run fuzz [-- --seconds 60 --seed 1 --limit 6]

Looks for bytes that take longer to read than what devices send: it repeats small pieces of JSON and CSV, keeps what was slowest, and
changes that further. Prints the worst input that it found, and ends with 1 when a byte of it takes more than --limit good ones.`;

/** A repeated piece, between the input's beginning and its end. */
interface Candidate {
  readonly kind: InputKind;
  readonly begin: string;
  readonly unit: string;
  readonly end: string;
}

interface Measured extends Candidate {
  readonly ratio: number;
}

const QUICK = { rounds: 2, microseconds: 4_000 };
const EXACT = { rounds: 5, microseconds: 60_000 };
const QUICK_BYTES = 50_000;
const EXACT_BYTES = 1_000_000;
const KEPT = 12;
const LONGEST_UNIT = 3_000;

const BEGINNINGS: Readonly<Record<InputKind, readonly string[]>> = {
  json: ["[", "", "{}\n", "[{", '[{"a":'],
  csv: ["timestamp,latitude,longitude\n", "timestamp;latitude;longitude;note\n", "", '"'],
};
const ENDS: Readonly<Record<InputKind, readonly string[]>> = { json: ["0]", "", "}]", "]"], csv: ["", '"'] };
const FIELDS = [
  "timestamp",
  "latitude",
  "longitude",
  "hdop",
  "deviceId",
  "speed_meters_per_second",
  "a",
  "__proto__",
];
const PIECES: Readonly<Record<InputKind, readonly string[]>> = {
  json: [
    ...'[]{},:"\n\\ x0-é',
    ...["1e5", "1.5", "null", "true", '"1"', '""', "\\u0061", '"2026-05-04T12:00:00Z"', "1577218887", "0.1"],
    ...["1".repeat(300), " ".repeat(300), "1e400", '"\\n"', "[[", "]]", '"x":', "🚗"],
    ...FIELDS.map((name) => `"${name}":`),
    '{"timestamp":1577218887,"latitude":1,"longitude":1},',
  ],
  csv: [
    ...',;"\n\r\t x0-é',
    ...[
      "1577218887",
      "1.5",
      '""',
      '"x"',
      "2026-05-04T12:00:00Z",
      '","',
      '\n"',
      '"\n',
      "1".repeat(300),
      " ".repeat(300),
    ],
    "1577218887,1,1\n",
  ],
};

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    limit: { type: "string", default: "6" },
    help: { type: "boolean", short: "h" },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const [seconds, seed, limit] = [Number(values.seconds), Number(values.seed), Number(values.limit)];
if (!(seconds > 0 && Number.isSafeInteger(seed) && limit > 0)) {
  console.error(`fuzz: --seconds and --limit must be positive numbers, --seed a whole number\n\n${USAGE}`);
  process.exit(2);
}

const random = seededRandom(seed);
const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)];

const changed = ({ kind, begin, unit, end }: Candidate): Candidate => {
  const at = Math.floor(random() * (unit.length + 1));
  const piece = pick(PIECES[kind]);
  switch (Math.floor(random() * 6)) {
    case 0:
      return { kind, begin: pick(BEGINNINGS[kind]), unit, end };
    case 1:
      return { kind, begin, unit, end: pick(ENDS[kind]) };
    case 2:
      return { kind, begin, unit: unit.slice(0, at) + unit.slice(at + 1 + Math.floor(random() * 4)), end };
    case 3:
      return { kind, begin, unit: (unit + unit).slice(0, LONGEST_UNIT), end };
    default:
      return { kind, begin, unit: (unit.slice(0, at) + piece + unit.slice(at)).slice(0, LONGEST_UNIT), end };
  }
};

/** What each repetition has in place of a `#`: different keys give objects of different shapes. */
const bytesOf = ({ begin, unit, end, kind }: Candidate, bytes: number): Buffer =>
  Buffer.from(
    textOf(
      { name: "", kind, begin, end, unit: (index) => unit.replaceAll("#", index.toString(36)) || " " },
      bytes,
    ),
  );

const { positions } = await benchDrive();
const goodCosts = new Map<InputKind, number>();
for (const input of goodInputs(positions)) {
  const good = Buffer.from(textOf(input, EXACT_BYTES));
  goodCosts.set(input.kind, await nanosecondsPerByte(input.kind, good, EXACT));
}
const measure = async (candidate: Candidate, bytes: number, how: typeof QUICK): Promise<Measured> => {
  const cost = await nanosecondsPerByte(candidate.kind, bytesOf(candidate, bytes), how);
  return { ...candidate, ratio: cost / (goodCosts.get(candidate.kind) ?? Number.NaN) };
};

const startedMs = performance.now();
const isOver = (): boolean => performance.now() - startedMs > seconds * 1000;
const started: Candidate[] = HOSTILE_INPUTS.map(({ kind, begin = "", unit, end = "" }) => ({
  kind,
  begin,
  unit: unit(0).replace(/"0":/, '"#":').slice(0, LONGEST_UNIT),
  end,
}));
let kept: Measured[] = [];
let tried = 0;
while (!isOver()) {
  const candidate = started.pop() ?? changed(pick(kept));
  kept.push(await measure(candidate, QUICK_BYTES, QUICK));
  tried++;
  // The slowest of each kind; otherwise one kind crowds out the other.
  kept = (["json", "csv"] as const).flatMap((kind) =>
    kept
      .filter((each) => each.kind === kind)
      .sort((one, other) => other.ratio - one.ratio)
      .slice(0, KEPT),
  );
}

const told: Measured[] = [];
for (const kind of ["json", "csv"] as const) {
  const slowest = kept.filter((each) => each.kind === kind).slice(0, 3);
  for (const candidate of slowest) told.push(await measure(candidate, EXACT_BYTES, EXACT));
}
told.sort((one, other) => other.ratio - one.ratio);
console.log(
  `${tried} inputs tried in ${seconds} s, seed ${seed}. The slowest, of ${EXACT_BYTES / 1e6} MB each:`,
);
for (const { ratio, kind, begin, unit, end } of told) {
  const shown = [begin, unit, end].map((text) =>
    JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text),
  );
  console.log(
    `${ratio.toFixed(1)} times a good byte: ${kind} ${shown[0]} + repeated ${shown[1]} + ${shown[2]}`,
  );
}
const worst = told[0]?.ratio ?? 0;
if (worst > limit) {
  console.error(`fuzz: ${worst.toFixed(1)} times a good byte is more than the limit of ${limit}`);
  process.exitCode = 1;
}
