import { expect, test } from "vitest";
import { positionsOf } from "./positions.ts";
import { parseEngineSettings } from "./settings.ts";

const ARGUMENTS = [
  "--functions-url",
  "http://127.0.0.1:1",
  "--roles",
  "bridge",
  "--failed-records",
  "/nowhere",
];

test.each([
  ["nats://127.0.0.1:9/fleet", "fleet"],
  ["backtrack-prod-positions", "backtrack-prod-positions"],
])(
  "events of %s name the stream by its own name, by which functions ask when it was created",
  async (stream, name) => {
    const positions = positionsOf(parseEngineSettings([...ARGUMENTS, "--stream", stream]));
    expect(positions.reader().streamArn).toMatch(new RegExp(`^arn:aws:kinesis:.*:stream/${name}$`));
    await positions.close();
  },
);
