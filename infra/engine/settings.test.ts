import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { lineLog } from "./log.ts";
import { parseEngineSettings } from "./settings.ts";

const GIVEN = {
  FUNCTIONS_URL: "http://gateway:8080",
  POSITIONS_STREAM: "nats://nats:4222/positions",
  INBOX_FOLDER: "/inbox",
};
beforeEach(() => {
  for (const [name, value] of Object.entries(GIVEN)) vi.stubEnv(name, value);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test("by default an engine has every role, and listens on the loopback", () => {
  expect(parseEngineSettings([])).toEqual({
    roles: new Set(["bridge", "workflows", "schedules", "inbox"]),
    host: "127.0.0.1",
    port: 8090,
    operationsPort: 8091,
    functionsUrl: "http://gateway:8080",
    positionsStream: "nats://nats:4222/positions",
    partitions: 4,
    tablePrefix: "backtrack-",
    creates: true,
    inboxFolder: "/inbox",
    secretsFolder: "/var/openfaas/secrets",
    log: "json",
    drainSeconds: 20,
    uncertainCalls: 20,
    leaseSeconds: 4,
  });
});

test("a flag comes before its variable", () => {
  vi.stubEnv("ENGINE_PORT", "1");
  vi.stubEnv("ENGINE_ROLES", "bridge");
  const { port, roles } = parseEngineSettings(["--port", "2"]);
  expect([port, [...roles]]).toEqual([2, ["bridge"]]);
});

test.each([
  ["ENGINE_PORT", "70000", "'ENGINE_PORT' is invalid. It must be a whole number from 0 to 65535"],
  [
    "ENGINE_ROLES",
    "cook",
    "It must be one or more of bridge, workflows, schedules, inbox, separated by commas",
  ],
  ["ENGINE_HOST", "http://x", "It must be an IP address or a host's name"],
  ["FUNCTIONS_URL", "ftp://x", "FUNCTIONS_URL must be an http: or https: URL"],
  [
    "POSITIONS_STREAM",
    "amqp://x/y",
    "It must be nats://host:4222/<stream>, or the name of a stream in Kinesis",
  ],
  ["POSITIONS_STREAM", "nats://h/a b", "the stream's name must be 1 to 128 letters, digits, - and _"],
  ["POSITIONS_PARTITIONS", "0", "It must be a whole number from 1 to 1000"],
  ["TABLE_PREFIX", "a/b", "It must be at most 100 letters"],
  ["ENGINE_CREATE", "maybe", "Allowed choices are yes, no"],
  ["ENGINE_LOG", "xml", "Allowed choices are json, plain"],
  ["ENGINE_DRAIN_SECONDS", "-1", "It must be a number from 0 to 3600"],
  ["ENGINE_LEASE_SECONDS", "0.5", "It must be a number from 1 to 600"],
])("%s=%s is refused by name, value and rule", (name, value, words) => {
  vi.stubEnv(name, value);
  expect(() => parseEngineSettings([])).toThrow(words);
  expect(() => parseEngineSettings([])).toThrow(value);
});

test.each([
  [["--cook"], "unknown option '--cook'"],
  [["soup"], "too many arguments"],
])("%j is refused", (argv, words) => {
  expect(() => parseEngineSettings(argv)).toThrow(words);
});

test("what a role needs must be there, and only then", () => {
  vi.stubEnv("INBOX_FOLDER", undefined);
  expect(() => parseEngineSettings([])).toThrow("INBOX_FOLDER is not set");
  expect(parseEngineSettings(["--roles", "bridge"]).inboxFolder).toBeUndefined();
  vi.stubEnv("POSITIONS_STREAM", undefined);
  expect(() => parseEngineSettings(["--roles", "bridge"])).toThrow("POSITIONS_STREAM is not set");
  expect(parseEngineSettings(["--roles", "schedules"]).roles).toEqual(new Set(["schedules"]));
  vi.stubEnv("POSITIONS_STREAM", "positions");
  expect(() => parseEngineSettings(["--roles", "bridge"])).toThrow("FAILED_RECORDS_FOLDER is not set");
});

test("a log line is one line, and far shorter than 64 KB", () => {
  const lines: string[] = [];
  const clock = () => Date.parse("2026-11-21T12:00:00Z");
  lineLog("plain", clock, (line) => lines.push(line))("warn", "one\n  two");
  lineLog("json", clock, (line) => lines.push(line))("error", `${"x".repeat(100_000)}\n`);
  expect(lines[0]).toBe("2026-11-21T12:00:00.000Z warn one | two\n");
  expect(JSON.parse(lines[1])).toMatchObject({ level: "error" });
  expect(Buffer.byteLength(lines[1])).toBeLessThan(32_000);
  expect(lines.every((line) => line.indexOf("\n") === line.length - 1)).toBe(true);
});
