/**
 * Whether a conditional write was made: false when its condition does not hold. Rejects with any other error.
 * A lost answer may leave a write done that this calls false.
 */
export const isGranted = async (write: Promise<unknown>): Promise<boolean> => {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === "ConditionalCheckFailedException") return false;
    throw error;
  }
};
