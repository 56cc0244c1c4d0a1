import {
  MinimalReporter,
  type TestCase,
  type TestModule,
  type TestRunEndReason,
  type TestSuite,
  type Vitest,
} from "vitest/node";
import "./unless.ts";

type Errors = Parameters<MinimalReporter["onTestRunEnd"]>[1];

/**
 * Silent while all is well: prints whole failures, skipped tests with their reasons, and one line of figures
 * at the end.
 */
export default class ShortReporter extends MinimalReporter {
  #modules: readonly TestModule[] = [];

  // Without the banner.
  override onInit(vitest: Vitest): void {
    this.ctx = vitest;
    this.silent = "passed-only";
  }

  override onTestRunEnd(modules: readonly TestModule[], errors: Errors, reason: TestRunEndReason): void {
    this.#modules = modules;
    super.onTestRunEnd(modules, errors, reason);
  }

  override reportTestSummary(_files: unknown, errors: unknown[]): void {
    const tests = this.#modules.flatMap((module) => [...module.children.allTests()]);
    const brokenSuites = this.#modules
      .flatMap((module) => [module, ...module.children.allSuites()])
      .filter((suite) => suite.errors().length > 0);
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
    const failed = count("failed") + brokenSuites.length + errors.length;
    for (const [reason, names] of skippedByReason(tests)) {
      this.log(`skipped, ${reason}:`);
      for (const name of names) this.log(`  ${name}`);
    }
    const unfinished = count("pending");
    if (unfinished > 0) this.log(`${unfinished} did not finish`);
    this.log(`${count("passed")} passed, ${failed} failed, ${count("skipped")} skipped`);
  }
}

const skippedByReason = (tests: readonly TestCase[]): Map<string, string[]> => {
  const names = new Map<string, string[]>();
  for (const test of tests) {
    const result = test.result();
    if (result.state !== "skipped") continue;
    const reason =
      result.note ??
      reasonOf(test) ??
      (failedAround(test) ? "because their setup failed" : "without a reason");
    const name = `${test.module.relativeModuleId} > ${test.fullName}`;
    names.set(reason, [...(names.get(reason) ?? []), name]);
  }
  return names;
};

/** A test's own reason, or that of its enclosing suite. */
const reasonOf = (test: TestCase): string | undefined => {
  for (let task: TestCase | TestSuite | TestModule = test; ; task = task.parent) {
    const { skippedBecause } = task.meta();
    if (skippedBecause !== undefined || task.type === "module") return skippedBecause;
  }
};

const failedAround = (test: TestCase): boolean => {
  for (let task: TestSuite | TestModule = test.parent; ; task = task.parent) {
    if (task.errors().length > 0) return true;
    if (task.type === "module") return false;
  }
};
