import fc from "fast-check";
import { expect, test } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import { DEFAULT_TENANT, isTenantId, parseTenantId } from "../tenant/tenant-id.ts";
import { ownerOf, partitionKeyOf } from "./partition-key.ts";

const ACME = parseTenantId("acme");

test.each([
  ["van-7", DEFAULT_TENANT, "van-7"],
  ["acme/van-7", ACME, "van-7"],
  ["acme/a/b", ACME, "a/b"],
  ["acme/", ACME, ""],
  // A device has one key only, and no tenant's name is made up.
  ["default/van-7", DEFAULT_TENANT, "default/van-7"],
  ["Acme/van-7", DEFAULT_TENANT, "Acme/van-7"],
  ["/van-7", DEFAULT_TENANT, "/van-7"],
  ["", DEFAULT_TENANT, ""],
])("the key %j is of tenant %s, device %j", (partitionKey, tenant, deviceId) => {
  expect(ownerOf(partitionKey)).toEqual({ tenant, deviceId });
});

test("whatever a key is, it is of one tenant and device, which have no other", () => {
  const tenant = fc.constantFrom(DEFAULT_TENANT, ACME, parseTenantId("acme-2"));
  const text = fc.string({ unit: fc.constantFrom(..."a-/A.") });
  const key = fc.oneof(
    text,
    fc.tuple(tenant, text).map(([id, rest]) => `${id}/${rest}`),
  );
  fc.assert(
    fc.property(key, (partitionKey) => {
      const owner = ownerOf(partitionKey);
      expect(isTenantId(owner.tenant)).toBe(true);
      expect(partitionKeyOf(owner.tenant, owner.deviceId)).toBe(partitionKey);
    }),
    { numRuns: propertyRuns(2_000) },
  );
});
