import { expect, test } from "vitest";
import { DEFAULT_TENANT, parseTenantId } from "./tenant-id.ts";

test.each(["default", "a", "7", "acme-2", "a".repeat(24)])("%s is a tenant's id", (text) => {
  expect(parseTenantId(text)).toBe(text);
});

test.each(["", "Acme", "-a", "a-", "a/b", "a.b", "a#b", "a".repeat(25), 7, undefined, null])(
  "%s is refused",
  (value) => {
    expect(() => parseTenantId(value)).toThrow("tenant must be 1 to 24 characters");
  },
);

test("the default tenant is one like any other", () => {
  expect(parseTenantId(DEFAULT_TENANT)).toBe(DEFAULT_TENANT);
});
