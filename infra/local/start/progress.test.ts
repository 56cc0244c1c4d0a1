import { expect, test } from "vitest";
import { showProgress } from "./progress.ts";

const record = (isTTY: boolean) => {
  let text = "";
  let nowMs = 1_000;
  const output = { isTTY, write: (part: string) => (text += part) };
  return {
    progress: showProgress(2, output, () => nowMs),
    text: () => text,
    pass: (milliseconds: number) => {
      nowMs += milliseconds;
    },
  };
};

test("elsewhere than on a terminal there is one line for each step", () => {
  const { progress, text } = record(false);
  progress.begin("importing a.csv");
  progress.advance(0.5);
  progress.end("a.csv: 3 positions");
  progress.begin("importing b.csv");
  progress.end("b.csv: 5 positions");
  expect(text()).toBe("a.csv: 3 positions\nb.csv: 5 positions\n");
});

test("a long step says every five seconds that it goes on", () => {
  const { progress, text, pass } = record(false);
  progress.begin("importing a.csv");
  for (const fraction of [0.1, 0.2, 0.3, 0.4]) {
    pass(2_600);
    progress.advance(fraction);
  }
  expect(text()).toBe("importing a.csv: 20 %\nimporting a.csv: 40 %\n");
});

test("a terminal shows a bar while a step runs", () => {
  const { progress, text } = record(true);
  progress.begin("a.csv");
  expect(text()).toContain("[....................] 1/2 a.csv 0 %");
  progress.advance(0.501);
  progress.advance(0.502);
  expect(text()).toContain("[#####...............] 1/2 a.csv 50 %");
  expect(text().split("50 %")).toHaveLength(2);
  progress.end("a.csv: 3 positions");
  progress.begin("b.csv");
  expect(text()).toContain("[##########..........] 2/2 b.csv 0 %");
});
