import { expect, test } from "vitest";
import { showProgress } from "./progress.ts";

const record = (isTTY: boolean) => {
  let text = "";
  const stream = {
    isTTY,
    write: (part: string | Uint8Array) => {
      text += part;
      return true;
    },
  };
  return { progress: showProgress(2, stream), text: () => text };
};

test("elsewhere than on a terminal there is one line for each step", () => {
  const { progress, text } = record(false);
  progress.begin("a.csv");
  progress.end("a.csv: 3 positions");
  progress.begin("b.csv");
  progress.end("b.csv: 5 positions");
  expect(text()).toBe("a.csv: 3 positions\nb.csv: 5 positions\n");
});

test("a terminal shows a bar while a step runs", () => {
  const { progress, text } = record(true);
  progress.begin("a.csv");
  expect(text()).toContain("[....................] 1/2 a.csv");
  progress.end("a.csv: 3 positions");
  progress.begin("b.csv");
  expect(text()).toContain("[##########..........] 2/2 b.csv");
});
