import { InvalidInputError } from "../errors.ts";

/** Safe in a path, a partition key, a file name and a log line. */
export const DEVICE_ID_PATTERN = /^[A-Za-z0-9._:@-]{1,128}$/;

/** The rule for device ids, in words. */
export const DEVICE_ID_RULE = "must be 1 to 128 characters of A-Z a-z 0-9 . _ : @ -";

/** The value as a device id; InvalidInputError for field `deviceId` when it is not one. */
export const parseDeviceId = (value: unknown): string => {
  if (typeof value === "string" && DEVICE_ID_PATTERN.test(value)) return value;
  throw new InvalidInputError(`deviceId ${DEVICE_ID_RULE}`, {
    problems: [
      {
        field: "deviceId",
        ...(value !== undefined && { value: typeof value === "string" ? value.slice(0, 140) : typeof value }),
        rule: DEVICE_ID_RULE,
      },
    ],
  });
};
