import { benchDrive } from "./drive.ts";
import { goodInputs, HOSTILE_INPUTS, type HostileInput, textOf } from "./hostile-inputs.ts";
import type { BenchTable } from "./report.ts";
import { nanosecondsPerByte } from "./time-per-byte.ts";

export interface WorstCaseOptions {
  readonly bytes?: number;
  readonly rounds?: number;
  readonly microseconds?: number;
}

const SHOWN = 12;

/** The time for a byte of the worst known input, compared with a byte of what devices send. */
export const worstCaseBench = async ({
  bytes = 1_000_000,
  rounds = 5,
  microseconds = 60_000,
}: WorstCaseOptions = {}): Promise<BenchTable> => {
  const { name, positions } = await benchDrive();
  const measure = async (input: HostileInput) => {
    const text = Buffer.from(textOf(input, bytes));
    return { input, cost: await nanosecondsPerByte(input.kind, text, { rounds, microseconds }) };
  };
  const good: Awaited<ReturnType<typeof measure>>[] = [];
  for (const input of goodInputs(positions)) good.push(await measure(input));
  const goodCost = (kind: string): number =>
    good.find(({ input }) => input.kind === kind)?.cost ?? Number.NaN;
  const hostile: typeof good = [];
  for (const input of HOSTILE_INPUTS) hostile.push(await measure(input));
  const ratio = ({ input, cost }: { readonly input: HostileInput; readonly cost: number }): number =>
    Math.round((cost / goodCost(input.kind)) * 10) / 10;
  hostile.sort((one, other) => ratio(other) - ratio(one));
  return {
    name: "Worst case",
    columns: ["input", "kind", "ns/byte", "times a good byte"],
    rows: [...good, ...hostile.slice(0, SHOWN)].map((each) => [
      each.input.name,
      each.input.kind,
      Math.round(each.cost * 10) / 10,
      ratio(each),
    ]),
    notes: [
      `${bytes / 1e6} MB of each, read as a stream record or as a file; ${name} is the good case.`,
      `The ${SHOWN} worst of ${hostile.length} hostile inputs; least of ${rounds} rounds, by one thread's processor time.`,
    ],
  };
};
