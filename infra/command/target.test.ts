import { expect, test } from "vitest";
import { parseKeysOptions } from "../keys/options.ts";
import { parseLimitsOptions } from "../limits/options.ts";
import { parseRedriveOptions } from "../redrive/options.ts";
import { checkTarget } from "./target.ts";

const STORE = ["--store", "http://store:8000"];

test("keys and limits take the address of a store, redrive that of a stream", () => {
  expect(parseKeysOptions(["list", ...STORE], 0).target).toMatchObject({ store: "http://store:8000" });
  expect(parseLimitsOptions(["--tenant", "acme", ...STORE, "--table-prefix", "fleet."]).target).toMatchObject(
    { store: "http://store:8000", tablePrefix: "fleet." },
  );
  expect(parseRedriveOptions(["--stream", "nats://u:p@a:4222,b/positions"])).toMatchObject({
    stream: "nats://u:p@a:4222,b/positions",
  });
});

test.each([
  [{ region: "eu-west-1" }, "--region and --profile are for a stage on AWS: name it with --stage"],
  [{ stage: "prod", data: "d" }, "--url and --data choose a stack on this machine: leave out --stage"],
  [{ stage: "prod", store: "http://s" }, "--store reaches a self-hosted stack: leave out --stage"],
  [{ url: "3000", store: "http://s" }, "--store reaches a self-hosted stack: leave out --url and --data"],
  [{ stage: "prod", stream: "nats://s/p" }, "--stream reaches a self-hosted stack: leave out --stage"],
  [{ data: "d", stream: "nats://s/p" }, "--stream reaches a self-hosted stack: leave out --url and --data"],
  [{ tablePrefix: "x-" }, "--table-prefix is for a self-hosted stack: say where its store is with --store"],
])("%j exclude each other", (given, message) => {
  expect(() => checkTarget(given)).toThrow(expect.objectContaining({ exitCode: 2, message }));
});

test.each([
  ["ftp://store:8000", "must be the address of a DynamoDB endpoint"],
  ["http://u:p@store:8000", "must be the address of a DynamoDB endpoint"],
  ["http://store:8000/x", "must be the address of a DynamoDB endpoint"],
  ["store:8000", "must be the address of a DynamoDB endpoint"],
])("no store is at %s", (store, message) => {
  expect(() => parseKeysOptions(["list", "--store", store], 0)).toThrow(message);
});

test.each(["nats://host", "http://host/positions", "nats://host/two/parts", "nats://host/a.b"])(
  "no stream is at %s",
  (stream) => {
    expect(() => parseRedriveOptions(["--stream", stream])).toThrow("must be nats://host:4222/<stream>");
  },
);
