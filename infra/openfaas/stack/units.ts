/** What Kubernetes reads as a number of bytes or cores; upper bounds keep the sums exact. */
const QUANTITY = /^(\d{1,9}(?:\.\d{1,3})?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/;

const MULTIPLES: Readonly<Record<string, number>> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A Kubernetes quantity as a number: `512Mi`, `500m`, `2`; undefined if the text is none. */
export const quantity = (text: string): number | undefined => {
  const [, digits, unit] = QUANTITY.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * (unit === undefined ? 1 : MULTIPLES[unit]);
};

/**
 * A duration of whole hours, minutes and seconds, as Go reads it: `90s`, `15m10s`; undefined if it is none.
 */
export const durationSeconds = (text: string): number | undefined => {
  const [, hours = "0", minutes = "0", seconds = "0"] =
    /^(?=\d)(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,7})s)?$/.exec(text) ?? [];
  const total = Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
  // Watchdog and gateway take 0 for no limit at all.
  return total > 0 ? total : undefined;
};
