import { VersionConflictError } from "../../core/errors.ts";
import { answerTo } from "../aws-errors.ts";

/**
 * Whether a conditional write was made; false when its condition didn't hold. Other errors are those of
 * `answerTo`.
 */
export const attempted = async (doing: string, write: Promise<unknown>): Promise<boolean> => {
  try {
    await answerTo(doing, write);
    return true;
  } catch (error) {
    if (error instanceof VersionConflictError) return false;
    throw error;
  }
};
