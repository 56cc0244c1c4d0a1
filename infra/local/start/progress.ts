/** Shows how far several steps are: a bar that is drawn over on a terminal, a line each elsewhere. */
export interface Progress {
  /** A step begins. */
  begin(what: string): void;
  /** It has ended, with this to tell. */
  end(result: string): void;
}

const BAR_WIDTH = 20;
const CLEAR_LINE = "\r\x1b[2K";

export const showProgress = (
  steps: number,
  stream: Pick<NodeJS.WriteStream, "isTTY" | "write"> = process.stderr,
): Progress => {
  let done = 0;
  return {
    begin(what) {
      if (!stream.isTTY) return;
      const filled = Math.round((BAR_WIDTH * done) / steps);
      const bar = `${"#".repeat(filled)}${".".repeat(BAR_WIDTH - filled)}`;
      stream.write(`${CLEAR_LINE}[${bar}] ${done + 1}/${steps} ${what}`);
    },
    end(result) {
      done++;
      stream.write(`${stream.isTTY ? CLEAR_LINE : ""}${result}\n`);
    },
  };
};
