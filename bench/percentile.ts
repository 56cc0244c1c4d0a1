/** The value that the given fraction of all values, 0 to 1, does not exceed; NaN when there are none. */
export const percentile = (values: readonly number[], part: number): number => {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
};

/** Rounded to a tenth: measured milliseconds are no more precise. */
export const tenths = (value: number): number => Math.round(value * 10) / 10;
