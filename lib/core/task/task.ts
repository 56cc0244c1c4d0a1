import type { FieldProblem } from "../errors.ts";
import type { FileReference } from "../files/file-source.ts";
import type { Page, PageRequest } from "../page.ts";

/** Work asked for now and answered later. */
export type Task = AverageSpeedTask | ImportTask | ErasureTask;
export type TaskKind = Task["kind"];

interface AnyTask {
  readonly taskId: string;
  readonly status: "REQUESTED" | "DONE" | "FAILED";
  readonly requestedAtMs: number;
  /** Why it failed. */
  readonly reason?: string;
  /** Seconds since 1970. After that it is gone, even if the table has not deleted it yet. */
  readonly expiresAtSeconds: number;
}

/** A device's average speed over the time after the request. */
export interface AverageSpeedTask extends AnyTask {
  readonly kind: "average-speed";
  readonly deviceId: string;
  readonly windowSeconds: number;
  /**
   * The device's newest timestamp when the task was asked for: the window begins there, in the device's own
   * time.
   */
  readonly fromTimestampMs: number;
  readonly result?: TaskResult;
}

export interface TaskResult {
  readonly averageSpeedMetersPerSecond: number;
  /** Part of the window that the device's positions cover, 0 to 1. */
  readonly coverage: number;
  readonly positionCount: number;
  /** A stored segment of the window can't be read. */
  readonly damaged?: true;
}

/** A file that was put where recordings are imported from. */
export interface ImportTask extends AnyTask {
  readonly kind: "import";
  readonly file: FileReference;
  readonly progress?: ImportProgress;
  readonly result?: ImportResult;
}

/** The erasure of a device with its whole past. Does not name the device, as the name would stay. */
export interface ErasureTask extends AnyTask {
  readonly kind: "erasure";
  readonly result?: ErasureResult;
}

export interface ErasureResult {
  /** What reached the stream later begins a new device. */
  readonly erasedAtMs: number;
}

export interface ImportProgress {
  /** A file is read twice: first checked as a whole, then stored. */
  readonly step: "checking" | "storing";
  readonly bytesRead: number;
  readonly sizeBytes: number;
}

export interface ImportResult {
  readonly recordingId: string;
  /** False when the same file was imported before under the same name. */
  readonly created: boolean;
  readonly positionCount: number;
  readonly duplicateCount: number;
  readonly conflictCount?: number;
  readonly spreadCount?: number;
  readonly rejectedRowCount: number;
  /** The first of them. */
  readonly rejected: readonly { readonly line: number; readonly problems: readonly FieldProblem[] }[];
  readonly moreRejected?: Readonly<Record<string, number>>;
}

export type TaskOutcome =
  | { readonly status: "DONE"; readonly result: TaskResult | ImportResult | ErasureResult }
  | { readonly status: "FAILED"; readonly reason: string };

/** The devices that a task tells of. */
export const devicesOfTask = (task: Task): string[] => (task.kind === "average-speed" ? [task.deviceId] : []);

export interface TaskListRequest extends PageRequest {
  /**
   * Only tasks of devices that belong to it, by belongsTo, and those of no device; none of the others is read
   * on the way.
   */
  readonly devicePrefix?: string;
  /** Only tasks of this device. */
  readonly deviceId?: string;
}

/** The tasks table. */
export interface TaskStore {
  create(task: Task): Promise<void>;
  /** Undefined when unknown or expired at `nowMs`. */
  get(taskId: string, nowMs: number): Promise<Task | undefined>;
  /** Tasks of one kind that have not expired at `nowMs`, in no particular order. */
  list(kind: TaskKind, request: TaskListRequest, nowMs: number): Promise<Page<Task>>;
  /** Repeating it is harmless. */
  remove(taskId: string): Promise<void>;
  /**
   * Saves an import's progress; changes nothing once the task has an outcome. Unknown task: NotFoundError.
   */
  advance(taskId: string, progress: ImportProgress): Promise<void>;
  /** The first outcome stays: completing a task again changes nothing. Unknown task: NotFoundError. */
  complete(taskId: string, outcome: TaskOutcome): Promise<void>;
}
