import { expect, it } from "vitest";
import type { OfTenant } from "../../lib/core/tenant/of-tenant.ts";
import { DEFAULT_TENANT, parseTenantId } from "../../lib/core/tenant/tenant-id.ts";

/** One is a prefix of the other: code that only compares prefixes mixes them up. */
export const ONE = parseTenantId("acme");
export const OTHER = parseTenantId("acme-2");

/** What two tenants do with a store of any kind, with the same ids. */
export interface TenantsUse<Store> {
  /** Writes something that shows which of the two wrote it. */
  readonly write: (store: Store, mark: number) => Promise<unknown>;
  /** Changes what was written, in every way that the store offers. */
  readonly change?: (store: Store, mark: number) => Promise<unknown>;
  /** Removes what was written, in every way that the store offers. */
  readonly remove?: (store: Store) => Promise<unknown>;
  /** Everything that the store returns: by id, as a list, as a number. */
  readonly read: (store: Store) => Promise<unknown>;
}

/** What one tenant writes, another can't get, list, count, overwrite, change or remove. */
export const keepsTenantsApart = <Store>(
  make: () => Promise<OfTenant<Store>>,
  { write, change, remove, read }: TenantsUse<Store>,
): void => {
  it("keeps tenants that use the same ids apart", async () => {
    const of = await make();
    const [one, other, anybody] = [of(ONE), of(OTHER), of(DEFAULT_TENANT)];
    const empty = await read(one);
    await write(one, 1);
    const written = await read(one);
    expect(written, "something was written").not.toEqual(empty);
    expect(await read(other), "another tenant's was read").toEqual(empty);
    expect(await read(anybody), "a tenant's was read by nobody's").toEqual(empty);

    await write(other, 2);
    const ofOther = await read(other);
    expect(ofOther, "both have what they wrote").not.toEqual(written);
    expect(await read(one), "another tenant's was overwritten").toEqual(written);
    expect(await read(of(ONE)), "a tenant is who it was").toEqual(written);

    await change?.(other, 3);
    if (change) expect(await read(other), "something was changed").not.toEqual(ofOther);
    expect(await read(one), "another tenant's was changed").toEqual(written);

    await remove?.(other);
    if (remove) expect(await read(other), "something was removed").toEqual(empty);
    expect(await read(one), "another tenant's was removed").toEqual(written);
    expect(await read(anybody)).toEqual(empty);
  });
};
