import { expect, test } from "vitest";
import { readyText } from "./ready-text.ts";

const READY = {
  apiUrl: "http://127.0.0.1:3000",
  seconds: 2.61,
  deviceIds: ["demo"],
  rate: 10,
  isPaused: false,
  asksForKeys: false,
};

test("says where it is, what it does, and three lines to try", () => {
  const text = readyText(READY);
  expect(text.split("\n")[0]).toBe(
    "Backtrack is ready at http://127.0.0.1:3000 after 2.6 s; replaying demo at 10x. Ctrl-C ends it.",
  );
  expect(text.match(/curl /g)).toHaveLength(3);
});

test("says of a replay of an earlier start that its options stay, and how to change them", () => {
  const text = readyText({ ...READY, earlierReplayId: "r-1" });
  expect(text).toContain("still replaying demo at 10x");
  expect(text).toContain(`curl -X PATCH 'http://127.0.0.1:3000/replays/r-1' -d '{"rate": 20}'`);
});

test("with keys, every line to try carries one", () => {
  const text = readyText({ ...READY, earlierReplayId: "r-1", asksForKeys: true, key: "bt_x" });
  expect(text.match(/authorization: Bearer bt_x/g)).toHaveLength(4);
});
