import { expect, test } from "vitest";
import { cutOff } from "./cut-off.ts";

const lease = () => {
  const [stop, lose] = [new AbortController(), new AbortController()];
  let wake: () => void = () => {};
  const sleep = () => new Promise<void>((resolve) => (wake = resolve));
  const cut = cutOff({ stopping: stop.signal, lost: lose.signal }, 1_000, sleep);
  return { stop, lose, cut, wake: () => wake() };
};

test("calls are cut when the time after a hand-over is over, and not before", async () => {
  const { stop, cut, wake } = lease();
  stop.abort(new Error("handed over"));
  expect(cut.aborted).toBe(false);
  const whenCut = new Promise((resolve) => cut.addEventListener("abort", resolve));
  wake();
  await whenCut;
  expect(cut.reason).toEqual(new Error("handed over"));
});

test("calls are cut at once when the lease is lost, also while it is being handed over", () => {
  const early = lease();
  early.lose.abort();
  expect(early.cut.aborted).toBe(true);
  const late = lease();
  late.stop.abort();
  late.lose.abort();
  expect(late.cut.aborted).toBe(true);
});

test("without any time for it, they are cut at the hand-over", () => {
  const [stop, lose] = [new AbortController(), new AbortController()];
  const cut = cutOff({ stopping: stop.signal, lost: lose.signal }, 0, async () => {});
  stop.abort();
  expect(cut.aborted).toBe(true);
});
