import { afterEach, describe, expect, test } from "vitest";
import { programOnPath } from "../program.ts";
import { unless } from "../unless.ts";
import { answerOf, serversOfTest, situations } from "./situations.ts";
import { startRealWatchdog } from "./watchdog.ts";
import { WHO_ANSWERS } from "./who-answers.ts";

const WATCHDOG = programOnPath("of-watchdog");

const servers = serversOfTest();
afterEach(() => servers.close());

describe(
  "the real of-watchdog answers as its stand-in does",
  unless(WATCHDOG === undefined ? "of-watchdog is not on PATH" : undefined),
  () => {
    const asked = situations(servers, (options) => startRealWatchdog(WATCHDOG ?? "", options), 200);
    test.each(WHO_ANSWERS)("$situation", async ({ situation, status, answeredBy }) => {
      expect(await answerOf(await asked[situation]())).toEqual({ status, answeredBy });
    });
  },
);
