import { expect, test } from "vitest";
import { NEEDS, reportNeeds } from "./needs.ts";

test("what is there is named with its path, and what is missing with its use and where it can be had", () => {
  const lines = reportNeeds((program) => (program === "faas-cli" ? "/opt/faas-cli" : undefined));
  expect(lines).toHaveLength(NEEDS.length);
  expect(lines).toContain("faas-cli: /opt/faas-cli");
  expect(lines[0]).toBe(
    "nats-server is not on PATH, so tests of everything with a stream are skipped; it comes from " +
      "go install github.com/nats-io/nats-server/v2@v2.15.2, or Debian's package nats-server",
  );
});
