import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import { MisconfiguredError } from "../../core/errors.ts";
import { isJetStreamAddress, parseJetStreamAddress, withoutCredentials } from "./address.ts";

describe("parseJetStreamAddress", () => {
  const plain = { isEncrypted: false, streamName: "positions" };

  it.each([
    ["nats://nats:4222/positions", { ...plain, servers: ["nats:4222"] }],
    ["nats://10.0.0.1/positions", { ...plain, servers: ["10.0.0.1:4222"] }],
    ["nats://[::1]:4223/my_stream-2", { ...plain, servers: ["[::1]:4223"], streamName: "my_stream-2" }],
    ["nats://a:1,b,c.d:65535/positions", { ...plain, servers: ["a:1", "b:4222", "c.d:65535"] }],
    ["tls://nats/positions", { ...plain, servers: ["nats:4222"], isEncrypted: true }],
    [
      "nats://fleet:p%40ss%2Fw%3A@nats/positions",
      { ...plain, servers: ["nats:4222"], user: "fleet", password: "p@ss/w:" },
    ],
    ["nats://fleet:@nats/positions", { ...plain, servers: ["nats:4222"], user: "fleet", password: "" }],
    ["nats://s3cret@nats/positions", { ...plain, servers: ["nats:4222"], token: "s3cret" }],
  ])("reads %s", (address, expected) => {
    expect(isJetStreamAddress(address)).toBe(true);
    expect(parseJetStreamAddress(address)).toEqual(expected);
  });

  it.each([
    ["nats://nats:4222", /must be nats:/],
    ["nats://nats:4222/", /stream's name/],
    ["nats://nats:4222/a.b", /stream's name/],
    ["nats://nats:4222/a b", /stream's name/],
    ["nats://nats:4222/positions/x", /must be nats:/],
    ["nats://nats:4222/positions?x=1", /stream's name/],
    ["nats:///positions", /"" must be host or host:port/],
    ["nats://a,,b/positions", /"" must be host or host:port/],
    ["nats://nats:0/positions", /"nats:0" must be/],
    ["nats://nats:65536/positions", /"nats:65536" must be/],
    ["nats://na ts/positions", /"na ts" must be/],
    ["nats://u:%ZZ@nats/positions", /percent-encoded/],
    ["http://nats:4222/positions", /must be nats:/],
    ["positions", /must be nats:/],
  ])("refuses %s and says why", (address, message) => {
    expect(() => parseJetStreamAddress(address)).toThrow(MisconfiguredError);
    expect(() => parseJetStreamAddress(address)).toThrow(message);
  });

  it("shows nobody a password, wherever it stands", () => {
    for (const address of [
      "nats://u:s3cret@nats:0/p",
      "nats://s3cret@n/p.q",
      "nats://u:s3c/ret@h/p",
      "nats://s3cret@",
    ]) {
      expect(() => parseJetStreamAddress(address)).toThrow(
        expect.objectContaining({ message: expect.not.stringMatching(/s3c/) }),
      );
    }
  });

  it("throws nothing else, whatever the text, and reads back what it has shown", () => {
    const text = fc.string({ unit: fc.constantFrom(..."ab:@/,.%[]1-") }).map((rest) => `nats://${rest}`);
    fc.assert(
      fc.property(text, (address) => {
        try {
          const { servers, streamName } = parseJetStreamAddress(address);
          expect(parseJetStreamAddress(`nats://${servers.join()}/${streamName}`)).toMatchObject({
            servers,
            streamName,
          });
        } catch (error) {
          expect(error).toBeInstanceOf(MisconfiguredError);
        }
      }),
      { numRuns: propertyRuns(1_000) },
    );
  });
});

it.each(["positions", "backtrack-dev-positions", "arn:aws:kinesis:eu-west-1:1:stream/x", ""])(
  "%s is a stream of Kinesis",
  (name) => {
    expect(isJetStreamAddress(name)).toBe(false);
    expect(withoutCredentials(name)).toBe(name);
  },
);
