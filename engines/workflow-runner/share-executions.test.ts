import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyRuns } from "../../test/property-runs.ts";
import { VirtualTime } from "../../test/virtual-time.ts";
import type { ExecutionSummary } from "./execution-store.ts";
import { executionArnOf } from "./testing.ts";
import { type Defect, Runners, TASKS, WORKFLOW_ARN } from "./testing-runners.ts";

/*
 * Several processes share executions. They are paused, killed and closed in the middle of anything, and what
 * they have sent arrives late. No two that run ever work on the same execution, each execution ends once, and
 * none is lost.
 */

const TROUBLE_MS = 15_000;
/** The last take-over, the rest of every workflow, and the sweep that finds what nobody announced. */
const QUIET_MS = 60_000;

const scenario = fc.record({
  processes: fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 2, maxLength: 3 }),
  executions: fc.array(
    fc.record({
      atMs: fc.integer({ min: 0, max: TROUBLE_MS }),
      through: fc.nat(2),
      stopAfterMs: fc.option(fc.integer({ min: 0, max: 8_000 }), { freq: 4, nil: undefined }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  troubles: fc.array(
    fc.record({
      process: fc.nat(2),
      atMs: fc.integer({ min: 0, max: TROUBLE_MS }),
      kind: fc.constantFrom("paused", "paused", "killed", "closed"),
      forMs: fc.integer({ min: 10, max: 10_000 }),
    }),
    { maxLength: 5 },
  ),
  latencyMs: fc.integer({ min: 0, max: 50 }),
  slow: fc.array(fc.tuple(fc.nat(150), fc.integer({ min: 50, max: 7_000 })), { maxLength: 6 }),
  durationsMs: fc.array(fc.integer({ min: 1, max: 6_000 }), { minLength: 1, maxLength: 5 }),
});
type Scenario = (typeof scenario extends fc.Arbitrary<infer Value> ? Value : never) & {
  readonly lateSaveMs?: number;
};

const play = async (
  { processes, executions, troubles, durationsMs, ...latencies }: Scenario,
  defect?: Defect,
): Promise<Runners> => {
  const time = new VirtualTime("2026-11-20T12:00:00Z", { turns: 4 });
  const runners = new Runners({ time, durationsMs, defect, ...latencies });
  type Opened = ReturnType<Runners["open"]>;
  const opened: (Opened | undefined)[] = processes.map(() => undefined);

  const opening = async (index: number): Promise<void> => {
    await time.sleep(processes[index]);
    opened[index] = runners.open();
  };
  const happen = async ({ process: index, atMs, kind, forMs }: Scenario["troubles"][number]) => {
    await time.sleep(atMs);
    const slot = index % opened.length;
    const one = opened[slot];
    if (!one?.process.isRunning) return;
    if (kind === "paused") {
      one.process.pause();
      await time.sleep(forMs);
      one.process.resume();
      // What its lease's end sets off needs no time; then it must be at work on nothing that another has.
      await time.sleep(0);
      runners.check();
      return;
    }
    opened[slot] = undefined;
    if (kind === "killed") one.process.kill();
    else void one.runner.close();
    await time.sleep(forMs);
    opened[slot] = runners.open();
  };
  /** As a client does: asks until somebody answers. */
  const ask = async (through: number, request: (one: Opened) => Promise<unknown>): Promise<void> => {
    for (let attempt = through; ; attempt++) {
      const one = opened[attempt % opened.length];
      const answered =
        one &&
        request(one)
          .then(() => true)
          .catch((error) => error.name === "ExecutionAlreadyExists");
      const late = time.sleep(20_000).then(() => false);
      if (answered ? await Promise.race([answered, late]) : await late) return;
    }
  };
  const execute = async ({ atMs, through, stopAfterMs }: Scenario["executions"][number], index: number) => {
    await time.sleep(atMs);
    const name = `execution-${index}`;
    const input = JSON.stringify({ name, skip: false });
    await ask(through, ({ runner }) => runner.executions.start(WORKFLOW_ARN, name, input));
    if (stopAfterMs === undefined) return;
    await time.sleep(stopAfterMs);
    await ask(through + 1, ({ runner }) => runner.executions.stop(executionArnOf("workflow", name), {}));
  };
  const all = async (): Promise<void> => {
    const begun = processes.map((_, index) => opening(index));
    await Promise.all([...begun, ...troubles.map(happen), ...executions.map(execute)]);
    const untilMs = time.now() + QUIET_MS;
    while (time.now() < untilMs && (await runners.store.list()).some(isRunning)) await time.sleep(1_000);
    for (const one of opened) if (one?.process.isRunning) await one.runner.close();
  };
  await time.run(all());
  return runners;
};

const isRunning = ({ status }: ExecutionSummary): boolean => status === "RUNNING";

const faultsOf = async (given: Scenario, defect?: Defect): Promise<string[]> => {
  const { callsOf, faults, store } = await play(given, defect);
  const ends = await Promise.all(
    given.executions.map(async ({ stopAfterMs }, index) => {
      const arn = executionArnOf("workflow", `execution-${index}`);
      const record = await store.get(arn);
      const calls = (callsOf.get(arn) ?? []).toSorted();
      if (record?.status === "ABORTED" && stopAfterMs !== undefined) return [];
      if (record?.status !== "SUCCEEDED") return [`${arn} is ${record?.status ?? "lost"}`];
      if (TASKS.some((task) => !calls.includes(task))) return [`${arn} ended without all tasks: ${calls}`];
      if (given.troubles.length === 0 && given.slow.length === 0 && calls.length > TASKS.length) {
        return [`${arn} did tasks twice without need: ${calls}`];
      }
      return [];
    }),
  );
  return [...faults, ...ends.flat()];
};

describe("several processes share executions", () => {
  it("works on each in one process at a time, ends each once and loses none, whatever is paused or killed", async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        expect(await faultsOf(given)).toEqual([]);
      }),
      { numRuns: propertyRuns(1_000) },
    );
  }, 120_000);

  const CALM: Scenario = {
    processes: [0, 0],
    executions: [{ atMs: 1_000, through: 0, stopAfterMs: undefined }],
    troubles: [],
    latencyMs: 5,
    slow: [],
    durationsMs: [3_000],
  };

  it("goes on at once with what a dead process held when it is certain that there is no other", async () => {
    /** How long a new process waits beside the lease of one that was killed just now. */
    const waitOf = async (isAlone: boolean): Promise<number> => {
      const time = new VirtualTime("2026-11-20T12:00:00Z", { turns: 4 });
      const runners = new Runners({ time, latencyMs: 1, slow: [], durationsMs: [60_000] });
      const dead = runners.open({ isAlone });
      const input = JSON.stringify({ name: "one", skip: false });
      await time.passUntil(time.now() + 1_000);
      void dead.runner.executions.start(WORKFLOW_ARN, "one", input);
      await time.passUntil(time.now() + 5_000);
      expect(runners.callsOf.get(executionArnOf("workflow", "one"))).toEqual(["first"]);
      dead.process.kill();
      const killedMs = time.now();
      const next = runners.open({ isAlone });
      const again = () => runners.callsOf.get(executionArnOf("workflow", "one"))?.length === 2;
      while (!again()) await time.passUntil(time.now() + 10);
      const waitedMs = time.now() - killedMs;
      await time.run(next.runner.close());
      expect(runners.faults).toEqual([]);
      return waitedMs;
    };
    expect(await waitOf(true)).toBeLessThan(50);
    const beside = await waitOf(false);
    expect(beside).toBeGreaterThan(3_000);
    expect(beside).toBeLessThan(6_000);
  });

  it("would notice runners without a lease", async () => {
    expect(await faultsOf(CALM)).toEqual([]);
    expect(await faultsOf(CALM, "no lease")).toContainEqual(expect.stringContaining("both work on"));
  });

  it("would notice saves without conditions: what was sent before a stop arrives after it", async () => {
    const stopped = {
      ...CALM,
      executions: [{ atMs: 1_000, through: 0, stopAfterMs: 7_000 }],
      lateSaveMs: 4_000,
    };
    expect(await faultsOf(stopped)).toEqual([]);
    expect(await faultsOf(stopped, "no conditions")).toContainEqual(
      expect.stringContaining("changed after its end"),
    );
  });
});
