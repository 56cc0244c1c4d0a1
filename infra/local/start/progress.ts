/** Shows the progress of several steps: a bar that is redrawn on a terminal, lines elsewhere. */
export interface Progress {
  /** A step starts. */
  begin(what: string): void;
  /** How much of the step is done, 0 to 1. */
  advance(fraction: number): void;
  /** The step has ended with this result. */
  end(result: string): void;
}

/** Where it draws: standard error, or a test's own stream. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const BAR_WIDTH = 20;
const CLEAR_LINE = "\r\x1b[2K";
/** Where nothing can be redrawn, a step reports its progress this often. */
const LINE_MILLISECONDS = 5_000;

export const showProgress = (
  steps: number,
  output: ProgressOutput = process.stderr,
  now: () => number = () => performance.now(),
): Progress => {
  let done = 0;
  let what = "";
  let shownPercent = -1;
  let lineMs = 0;

  const show = (fraction: number): void => {
    const percent = Math.floor(fraction * 100);
    if (percent === shownPercent) return;
    if (output.isTTY) {
      const filled = Math.floor((BAR_WIDTH * (done + fraction)) / steps);
      const bar = `${"#".repeat(filled)}${".".repeat(BAR_WIDTH - filled)}`;
      output.write(`${CLEAR_LINE}[${bar}] ${done + 1}/${steps} ${what} ${percent} %`);
    } else if (now() - lineMs >= LINE_MILLISECONDS) {
      lineMs = now();
      output.write(`${what}: ${percent} %\n`);
    }
    shownPercent = percent;
  };

  return {
    begin(step) {
      what = step;
      shownPercent = -1;
      lineMs = now();
      show(0);
    },
    advance: (fraction) => show(Math.min(1, fraction)),
    end(result) {
      done++;
      output.write(`${output.isTTY ? CLEAR_LINE : ""}${result}\n`);
    },
  };
};
