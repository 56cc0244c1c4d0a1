import { systemCode } from "./failure.ts";

/** What the system says about a disk or a folder, and what to do about it. */
export const DISK_REASONS: Readonly<Record<string, string>> = {
  EACCES: "this account may not write there",
  EPERM: "this account may not write there",
  EROFS: "it is on a read-only disk",
  ENOTDIR: "a part of the path is a file",
  EEXIST: "it is a file",
  ENOENT: "nothing can be made there",
  ENOSPC: "its disk is full; make room there and start again: nothing that was acknowledged is lost",
  EDQUOT:
    "its disk is full for this account; make room there and start again: nothing that was acknowledged is lost",
  EIO: "its disk can't be read or written",
};

/** In LevelDB's words; it gives no code. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/no space left on device/i, "ENOSPC"],
  [/disk quota exceeded/i, "EDQUOT"],
  [/read-only file system/i, "EROFS"],
  [/permission denied/i, "EACCES"],
  [/input\/output error/i, "EIO"],
];

/** Why and where the disk failed, if an error or one of its causes is about that. */
export const diskFailure = (error: unknown): string | undefined => {
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 5; depth++) {
    const { message } = cause;
    const code = systemCode(cause);
    const found = code !== undefined && isAboutFile(cause) ? code : undefined;
    const told = found ?? WORDS.find(([words]) => words.test(message))?.[1];
    if (told !== undefined && DISK_CODES.has(told)) return `${placeIn(cause)}: ${DISK_REASONS[told]}`;
    cause = cause.cause;
  }
  return undefined;
};

/** Codes that always concern a disk; the others may concern anything, such as a missing file. */
const DISK_CODES: ReadonlySet<string> = new Set(["EROFS", "ENOSPC", "EDQUOT", "EIO", "EACCES"]);

/** Not an error about a port, which may have the same code. */
const isAboutFile = (error: Error): boolean =>
  "path" in error ||
  ("syscall" in error && /^(open|write|f?sync|fdatasync|mkdir|rename|ftruncate)/.test(`${error.syscall}`));

/** LevelDB's message may name the file, and often does not. */
const placeIn = (error: Error): string => {
  if ("path" in error && typeof error.path === "string") return error.path;
  return /(?:^|[\s"'])(\/[^\s:"']+)/.exec(error.message)?.[1] ?? "the data folder";
};
