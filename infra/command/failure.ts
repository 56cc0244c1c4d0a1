/** Something that the user can fix, in one line; the command ends with this exit code. */
export class CommandFailure extends Error {
  /** 2: the command was used wrongly. 1: it was used correctly and failed. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2, options?: ErrorOptions) {
    super(message, options);
    this.name = "CommandFailure";
    this.exitCode = exitCode;
  }
}

export const wrongUse = (message: string): CommandFailure => new CommandFailure(message, 2);
export const failure = (message: string, cause?: unknown): CommandFailure =>
  new CommandFailure(message, 1, { cause });

/** The system's code of an error, for example `ENOENT`. */
export const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
