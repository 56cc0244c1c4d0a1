import { expect, test } from "vitest";
import { ownerOfFile } from "./owner-of-file.ts";

test.each([
  ["drive.csv", "default"],
  ["acme/drive.csv", "default"],
  ["tenants", "default"],
  ["tenants/", "default"],
  ["fleet/tenants/acme/drive.csv", "default"],
  ["tenants/acme/drive.csv", "acme"],
  ["tenants/acme/2026/drive.csv", "acme"],
  ["tenants/default/drive.csv", "default"],
])("%s is of %s", (key, tenant) => {
  expect(ownerOfFile(key)).toEqual({ tenant });
});

test.each(["tenants/drive.csv", "tenants/Acme/drive.csv", "tenants//drive.csv", "tenants/../drive.csv"])(
  "%s is nobody's",
  (key) => {
    expect(ownerOfFile(key).reason).toBe(
      "key must be tenants/<tenant>/<file>, where the tenant must be 1 to 24 characters of a-z 0-9 -, " +
        `and begin and end with a letter or digit, but is ${key}`,
    );
  },
);
