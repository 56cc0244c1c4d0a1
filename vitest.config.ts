import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { MANIFEST, SELF_HOSTED } from "./functions/manifest.ts";
import { LIMITS, limitVariable } from "./lib/resources/limit.ts";
import { ACCESS_VARIABLE } from "./lib/runtime/definition.ts";
import { requiredVariables } from "./lib/runtime/environment.ts";
import { THOROUGH } from "./test/property-runs.ts";
import { ownTemporaryRoot } from "./test/temporary-root.ts";

ownTemporaryRoot();
// Caches compiled code of the SDKs, CDK and this project, for the test processes and the stacks that they
// start.
process.env.NODE_COMPILE_CACHE ??= resolve(import.meta.dirname, "node_modules/.cache/compiled");

/**
 * Handlers read their environment on import. Unit tests pass their own ports to `createHandler`, so the
 * variables need values but no servers behind them.
 */
const handlerEnvironment: Record<string, string> = {
  AWS_REGION: "eu-west-1",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
  POWERTOOLS_LOG_LEVEL: "SILENT",
  POWERTOOLS_METRICS_DISABLED: "true",
};
for (const definition of [...MANIFEST, ...SELF_HOSTED]) {
  for (const name of requiredVariables(definition)) handlerEnvironment[name] = `test-${name.toLowerCase()}`;
  for (const limit of definition.limits ?? []) handlerEnvironment[limitVariable(limit)] = `${LIMITS[limit]}`;
  Object.assign(handlerEnvironment, definition.environment);
}
handlerEnvironment[ACCESS_VARIABLE] = "open";

// Three tiers by suffix: beside the code, with real embedded servers, with the whole stack. `npm run
// test:thorough` also runs the slow ones. A fourth, `npm run test:openfaas`, needs programs that npm doesn't
// install. Files share one module registry: importing the AWS SDK and CDK again for each file took half of
// the time.
export default defineConfig({
  test: {
    reporters: ["./test/reporter.ts"],
    silent: "passed-only",
    projects: [
      {
        test: {
          name: "unit",
          include: ["{lib,functions,engines,hosts,infra,bench}/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [
            "**/*.int.test.ts",
            "**/*.e2e.test.ts",
            "**/*.openfaas.test.ts",
            "**/*.store.test.ts",
            "**/node_modules/**",
          ],
          env: handlerEnvironment,
          isolate: false,
          setupFiles: ["test/leaves-no-trace.ts"],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "integration",
          include: ["test/**/*.int.test.ts"],
          env: handlerEnvironment,
          isolate: false,
          setupFiles: ["test/leaves-no-trace.ts"],
          testTimeout: 120_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/**/*.e2e.test.ts"],
          exclude: THOROUGH ? [] : ["test/**/*.slow.e2e.test.ts"],
          isolate: false,
          setupFiles: ["test/leaves-no-trace.ts"],
          testTimeout: 120_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
      {
        // `npm run test:store -- URL`.
        test: {
          name: "store",
          include: ["test/store/**/*.store.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          name: "openfaas",
          include: ["test/openfaas/**/*.openfaas.test.ts"],
          env: handlerEnvironment,
          isolate: false,
          setupFiles: ["test/leaves-no-trace.ts"],
          testTimeout: 120_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
