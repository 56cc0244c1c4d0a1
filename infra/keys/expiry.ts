const UNIT_SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** `90d` from now, or an ISO 8601 time, as seconds since 1970. Raises an error that states the rule. */
export const expirySeconds = (text: string, nowMs: number): number => {
  const [, count, unit] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const atMs =
    count && unit
      ? nowMs + Number(count) * UNIT_SECONDS[unit] * 1000
      : isTime
        ? Date.parse(text)
        : Number.NaN;
  if (!(atMs > nowMs)) {
    throw new Error(
      "must be in the future: a number with m, h, d or w, or a time such as 2027-01-31T00:00:00Z",
    );
  }
  return Math.ceil(atMs / 1000);
};
