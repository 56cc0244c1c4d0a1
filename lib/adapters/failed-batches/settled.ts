/** Before the name of a batch that was played again, where it is kept and not found any more. */
export const SETTLED_PREFIX = "redriven/";
