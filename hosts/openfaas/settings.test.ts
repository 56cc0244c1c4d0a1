import { expect, test } from "vitest";
import { readHostSettings } from "./settings.ts";

test("everything has a default", () => {
  expect(readHostSettings({})).toEqual({
    port: 8080,
    host: undefined,
    maximumInFlight: 64,
    allowedOrigins: [],
    publicPrefix: "",
    trustsForwarded: false,
    serveOnSeconds: 5,
    shutdownSeconds: undefined,
    secretsFolder: "/var/openfaas/secrets",
  });
});

test("of-watchdog's own settings are taken for ours", () => {
  const { maximumInFlight, serveOnSeconds } = readHostSettings({
    max_inflight: "16",
    healthcheck_interval: "1m30s",
  });
  expect([maximumInFlight, serveOnSeconds]).toEqual([16, 90]);
  expect(readHostSettings({ max_inflight: "0" }).maximumInFlight).toBe(64);
  expect(readHostSettings({ max_inflight: "16", MAX_IN_FLIGHT: "8" }).maximumInFlight).toBe(8);
});

test("a prefix is a path without a slash at its end, and origins are a list", () => {
  expect(readHostSettings({ PUBLIC_PREFIX: "/function/backtrack/" }).publicPrefix).toBe(
    "/function/backtrack",
  );
  expect(readHostSettings({ PUBLIC_PREFIX: "/" }).publicPrefix).toBe("");
  expect(readHostSettings({ ALLOWED_ORIGINS: "https://a.example, http://b:81" }).allowedOrigins).toEqual([
    "https://a.example",
    "http://b:81",
  ]);
});

test.each([
  ["PORT", "65536", "must be a whole number from 0 to 65535"],
  ["PORT", "http", "must be a whole number from 0 to 65535"],
  ["MAX_IN_FLIGHT", "0", "must be a whole number from 1 to 10000"],
  ["DRAIN_SECONDS", "5s", "must be a whole number from 0 to 3600"],
  ["healthcheck_interval", "5", "must be a duration such as 5s or 1m30s"],
  ["PUBLIC_PREFIX", "//evil.example", "must be a path such as /function/backtrack, or empty"],
  ["TRUST_FORWARDED", "yes", "must be true or false"],
  ["ALLOWED_ORIGINS", "fleet.example", "must list origins such as https://fleet.example, or be *"],
  ["ALLOWED_ORIGINS", "https://fleet.example/", "must list origins such as https://fleet.example, or be *"],
])("%s=%s is refused by name, value and rule", (name, value, rule) => {
  expect(() => readHostSettings({ [name]: value })).toThrow(
    new RangeError(`${name} ${rule} (got ${JSON.stringify(value)})`),
  );
});
