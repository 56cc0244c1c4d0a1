import type { TenantId } from "./tenant-id.ts";

/**
 * Something that always belongs to one tenant: it can't be used without naming the tenant, and gives access
 * to nothing of others.
 */
export type OfTenant<Thing> = (tenant: TenantId) => Thing;

/** What each tenant has of the things that were given. */
type Had<Things extends Readonly<Record<string, OfTenant<unknown>>>> = {
  readonly [Name in keyof Things]: ReturnType<Things[Name]>;
};

/**
 * The ports of a function: those that are a tenant's, of the tenant that is asked for, and those that
 * everybody shares.
 */
export const portsOfTenant =
  <Things extends Readonly<Record<string, OfTenant<unknown>>>, Shared extends object>(
    things: Things,
    shared: Shared = {} as Shared,
  ): OfTenant<Had<Things> & Shared> =>
  (tenant) => {
    const had = Object.entries(things).map(([name, of]) => [name, of(tenant)]);
    return { ...shared, ...(Object.fromEntries(had) as Had<Things>) };
  };

/** One thing for each tenant, made when the tenant is first asked for, and the same one from then on. */
export const perTenant = <Thing>(make: OfTenant<Thing>): OfTenant<Thing> => {
  const made = new Map<TenantId, Thing>();
  return (tenant) => {
    const known = made.get(tenant);
    if (known !== undefined) return known;
    const thing = make(tenant);
    made.set(tenant, thing);
    return thing;
  };
};
