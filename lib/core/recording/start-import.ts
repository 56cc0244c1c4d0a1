import type { Clock } from "../clock.ts";
import type { FileReference } from "../files/file-source.ts";
import { sha256 } from "../sha256.ts";
import type { ImportTask, TaskStore } from "../task/task.ts";
import type { WorkflowStarter } from "../workflow/workflow-starter.ts";

export interface StartImportPorts {
  readonly tasks: TaskStore;
  readonly workflows: WorkflowStarter;
  readonly now: Clock;
  /**
   * How long a task is kept; 90 days by default: as long as a workflow service knows the names of what it
   * ran.
   */
  readonly keptDays?: number;
}

/** What the import-recording workflow is started with. */
export interface ImportInput {
  readonly taskId: string;
}

const KEPT_DAYS = 90;
const HASH_LENGTH = 32;

/**
 * `import-<hash>`, of bucket, key and version: one version of a file is one task, however often it is
 * announced.
 */
export const importTaskId = async ({ bucket, key, version }: FileReference): Promise<string> => {
  const hash = await sha256(`${bucket}\n${key}\n${version}`);
  return `import-${hash.slice(0, HASH_LENGTH)}`;
};

/**
 * Starts to import a file: creates its task and starts the workflow. Returns undefined for the entry of a
 * folder. Repeating it is harmless. Throws what the workflow service throws.
 */
export const startImport = async (
  { tasks, workflows, now, keptDays = KEPT_DAYS }: StartImportPorts,
  file: FileReference,
): Promise<string | undefined> => {
  if (file.key.endsWith("/")) return undefined;
  const taskId = await importTaskId(file);
  const requestedAtMs = now();
  const task: ImportTask = {
    taskId,
    kind: "import",
    status: "REQUESTED",
    file,
    requestedAtMs,
    expiresAtSeconds: Math.ceil(requestedAtMs / 1000) + keptDays * 24 * 60 * 60,
  };
  await tasks.create(task);
  const input: ImportInput = { taskId };
  await workflows.start("import-recording", taskId, input);
  return taskId;
};
