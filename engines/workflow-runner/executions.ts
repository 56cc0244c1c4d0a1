import type { Clock } from "../../lib/core/clock.ts";
import { ApiError } from "../server/api-error.ts";
import { executionArn } from "./arn.ts";
import { endedRecord, type StopReason } from "./execution.ts";
import type { ExecutionRecord, ExecutionStore, ExecutionSummary } from "./execution-store.ts";
import type { Runner } from "./runner.ts";

export interface ExecutionsOptions {
  readonly clock: Clock;
  readonly store: ExecutionStore;
  /** The runner of this process; undefined while another process runs executions. */
  runner(): Runner | undefined;
}

/** What the API asks of executions. All answers come from the store, so any process can give them. */
export class Executions {
  readonly #options: ExecutionsOptions;

  constructor(options: ExecutionsOptions) {
    this.#options = options;
  }

  /**
   * Starts an execution; resolves when it is kept. The same name and input as one that runs gives that one;
   * another input, or one that has ended, raises ExecutionAlreadyExists.
   */
  async start(stateMachineArn: string, name: string, input: string): Promise<ExecutionRecord> {
    const { clock, store } = this.#options;
    const arn = executionArn(stateMachineArn, name);
    const record: ExecutionRecord = {
      executionArn: arn,
      stateMachineArn,
      name,
      status: "RUNNING",
      startedMs: clock(),
      input,
    };
    const runner = this.#runner();
    const isNew = await (runner ? runner.start(record) : store.create(record, 0));
    const kept = isNew ? record : await store.get(arn);
    if (kept?.status !== "RUNNING" || kept.input !== input) {
      throw new ApiError("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
    }
    if (!isNew || !runner?.isActive()) await this.#tell(arn);
    return kept;
  }

  async get(arn: string): Promise<ExecutionRecord> {
    const record = await this.#options.store.get(arn);
    if (!record) throw new ApiError("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
    return record;
  }

  /** Of one state machine, newest first. */
  async list(stateMachineArn: string): Promise<ExecutionSummary[]> {
    const records = await this.#options.store.list();
    return records
      .filter((record) => record.stateMachineArn === stateMachineArn)
      .sort((one, other) => other.startedMs - one.startedMs || (one.name < other.name ? 1 : -1));
  }

  /**
   * Ends it as ABORTED, unless it has ended; gives it back as it is then. The runner is told even when it had
   * ended: perhaps an earlier try ended it, and its answer was lost before the runner was told.
   */
  async stop(arn: string, reason: StopReason): Promise<ExecutionRecord> {
    const { clock, store } = this.#options;
    const record = await this.get(arn);
    const ended =
      record.status === "RUNNING"
        ? endedRecord(record, { status: "ABORTED", ...reason }, clock())
        : undefined;
    const isKept = ended !== undefined && (await store.end(ended));
    await this.#tell(arn);
    return isKept ? ended : this.get(arn);
  }

  #runner(): Runner | undefined {
    const runner = this.#options.runner();
    return runner?.isActive() ? runner : undefined;
  }

  async #tell(arn: string): Promise<void> {
    const runner = this.#runner();
    await (runner ? runner.notice(arn) : this.#options.store.announce(arn));
  }
}
