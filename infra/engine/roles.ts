import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Invoke } from "../../engines/functions/invoke-function.ts";
import type { Standing } from "../../engines/lease/one-at-a-time.ts";
import { schedulesOnly, startScheduling } from "../../engines/scheduler/scheduler.ts";
import { schedulerApi } from "../../engines/scheduler/server.ts";
import type { Answer } from "../../engines/server/http-server.ts";
import { stepFunctionsApi } from "../../engines/workflow-runner/server.ts";
import { executionsOnly, startWorkflowRunner } from "../../engines/workflow-runner/workflow-runner.ts";
import { type StreamReading, startEventSources } from "./event-sources.ts";
import { startInbox } from "./inbox.ts";
import { sharedLeases } from "./leases.ts";
import type { EngineMetrics } from "./metrics.ts";
import type { Positions } from "./positions.ts";
import { schedulingOptions } from "./schedules.ts";
import type { EngineSettings, Role } from "./settings.ts";
import { executionsIn, workflowRunnerOptions } from "./workflows.ts";

export interface StartRolesOptions {
  readonly settings: EngineSettings;
  readonly dynamodb: DynamoDBClient;
  readonly invoke: Invoke;
  readonly metrics: EngineMetrics;
  readonly say: (line: string) => void;
  /** With the role `bridge`. */
  readonly positions?: Positions;
}

export interface WorkingRoles {
  /** Served with or without the role: all answers come from the store. */
  readonly workflowsApi: Answer;
  readonly schedulesApi: Answer;
  /** Of each role here that one engine at a time does. */
  readonly standings: Readonly<Partial<Record<Role, () => Standing>>>;
  readonly readings: readonly StreamReading[];
  /** Hands the leases over and ends calls in flight, within the engine's time for that. */
  close(): Promise<void>;
}

/** Starts what the engine does, and the APIs that go with it. */
export const startRoles = (options: StartRolesOptions): WorkingRoles => {
  const { settings, dynamodb, invoke, metrics, say, positions } = options;
  const { roles, tablePrefix, inboxFolder } = settings;
  const graceMilliseconds = settings.drainSeconds * 1_000;
  const sharing = sharedLeases(dynamodb, settings);
  const common = { dynamodb, tablePrefix, sharing, invoke, say, graceMilliseconds };

  const store = metrics.countingExecutions(executionsIn(dynamodb, tablePrefix));
  const runnerOptions = workflowRunnerOptions(common, store);
  const runner = roles.has("workflows") ? startWorkflowRunner(runnerOptions) : undefined;
  const scheduling = roles.has("schedules") ? startScheduling(schedulingOptions(common)) : undefined;
  const readings = positions
    ? startEventSources({
        ...common,
        readerOf: () => positions.reader(),
        maximumUncertainCalls: settings.uncertainCalls,
        invoke: metrics.countingBatches(invoke),
        keep: async (batch) => {
          await positions.keep(batch);
          metrics.gaveUp(batch);
        },
      })
    : [];
  const inbox =
    roles.has("inbox") && inboxFolder !== undefined
      ? startInbox({ ...common, folder: inboxFolder })
      : undefined;

  return {
    workflowsApi: stepFunctionsApi(runner ?? executionsOnly(runnerOptions), runnerOptions.onError),
    schedulesApi: schedulerApi(scheduling ?? schedulesOnly(schedulingOptions(common)), (message, error) =>
      say(`${message}: ${error}`),
    ),
    standings: {
      ...(runner && { workflows: runner.standing }),
      ...(scheduling && { schedules: scheduling.standing }),
      ...(inbox && { inbox: inbox.standing }),
    },
    readings,
    async close() {
      await Promise.all([
        runner?.close(),
        scheduling?.close(),
        inbox?.close(),
        ...readings.map(({ source }) => source.close(graceMilliseconds)),
      ]);
    },
  };
};
