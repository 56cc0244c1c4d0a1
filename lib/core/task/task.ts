/** Work asked for now and answered later. */
export interface Task {
  readonly taskId: string;
  readonly kind: "average-speed";
  readonly status: "REQUESTED" | "DONE" | "FAILED";
  readonly deviceId: string;
  readonly windowSeconds: number;
  readonly requestedAtMs: number;
  /** The device's newest timestamp when the task was asked for: the window begins there, in the device's own time. */
  readonly fromTimestampMs: number;
  readonly result?: TaskResult;
  /** Why it failed. */
  readonly reason?: string;
  /** Seconds since 1970; after that it is gone, whether or not the table has deleted it yet. */
  readonly expiresAtSeconds: number;
}

export interface TaskResult {
  readonly averageSpeedMetersPerSecond: number;
  /** Part of the window that the device's positions cover, 0 to 1. */
  readonly coverage: number;
  readonly positionCount: number;
}

export type TaskOutcome =
  | { readonly status: "DONE"; readonly result: TaskResult }
  | { readonly status: "FAILED"; readonly reason: string };

/** The tasks table. */
export interface TaskStore {
  create(task: Task): Promise<void>;
  /** Undefined when unknown or expired at `nowMs`. */
  get(taskId: string, nowMs: number): Promise<Task | undefined>;
  /** The first outcome stays: completing a task again changes nothing. Unknown task: NotFoundError. */
  complete(taskId: string, outcome: TaskOutcome): Promise<void>;
}
