import { expect, test } from "vitest";
import { InvalidInputError } from "../errors.ts";
import { parseDeviceId } from "./device-id.ts";

test.each(["a", "van-7", "urn:imei:490154203237518", "Bus_12@depot.example", "x".repeat(128)])(
  "%s",
  (value) => {
    expect(parseDeviceId(value)).toBe(value);
  },
);

test.each(["", " ", "a b", "a/b", "a#b", "a\n", "é", "x".repeat(129), 5, null, undefined, {}, ["a"]])(
  "%j is refused",
  (value) => {
    expect(() => parseDeviceId(value)).toThrow(InvalidInputError);
    expect(() => parseDeviceId(value)).toThrow("deviceId must be 1 to 128 characters");
  },
);
