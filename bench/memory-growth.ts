/** Memory of a process and its descendants at one moment. */
export interface MemorySample {
  readonly seconds: number;
  readonly bytes: number;
}

/** Megabytes a minute, by the straight line that fits the samples best. */
export const growthPerMinute = (samples: readonly MemorySample[]): number => {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const minutes = samples.map(({ seconds }) => seconds / 60);
  const megabytes = samples.map(({ bytes }) => bytes / 1024 ** 2);
  const [meanMinutes, meanMegabytes] = [mean(minutes), mean(megabytes)];
  const spread = minutes.reduce((sum, minute) => sum + (minute - meanMinutes) ** 2, 0);
  const together = minutes.reduce(
    (sum, minute, index) => sum + (minute - meanMinutes) * (megabytes[index] - meanMegabytes),
    0,
  );
  return spread === 0 ? 0 : together / spread;
};

/** The least memory in each interval: in between, a heap only fills until it is swept. */
export const lowPoints = (samples: readonly MemorySample[], everySeconds: number): MemorySample[] =>
  [...Map.groupBy(samples, ({ seconds }) => Math.floor(seconds / everySeconds)).values()].map((together) =>
    together.reduce((lowest, sample) => (sample.bytes < lowest.bytes ? sample : lowest)),
  );
