import { DISK_REASONS } from "../../command/disk-failure.ts";
import { failure, systemCode } from "../../command/failure.ts";
import { makeFolder } from "../../command/make-folder.ts";

/** A folder of the stack, created if absent. Raises a CommandFailure that calls it `what`. */
export const openFolder = (what: string, path: string): string => {
  try {
    makeFolder(path);
  } catch (error) {
    throw failure(`${what} ${path} can't be used: ${DISK_REASONS[systemCode(error) ?? ""] ?? error}`, error);
  }
  return path;
};
