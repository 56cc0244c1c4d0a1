import type { Claim, Claims } from "../../core/claims/claims.ts";

/** A claims table in memory. */
export const memoryClaims = (): Claims => {
  const claims = new Map<string, Claim>();
  const nameOf = (purpose: string, claim: string): string => JSON.stringify([purpose, claim]);
  const isThere = ({ expiresAtSeconds }: Claim, nowMs: number): boolean =>
    expiresAtSeconds === undefined || nowMs < expiresAtSeconds * 1000;
  const find = (purpose: string, claim: string, nowMs: number): Claim | undefined => {
    const found = claims.get(nameOf(purpose, claim));
    return found && isThere(found, nowMs) ? structuredClone(found) : undefined;
  };
  const put = (claim: Claim): void => {
    claims.set(nameOf(claim.purpose, claim.claim), structuredClone(claim));
  };
  const of = (purpose: string, nowMs: number): Claim[] =>
    [...claims.values()]
      .filter((claim) => claim.purpose === purpose && isThere(claim, nowMs))
      .sort((one, other) => (one.claim < other.claim ? -1 : 1));
  return {
    put: async (claim) => put(claim),
    async putNew<Data>(claim: Claim<Data>, nowMs: number) {
      const known = find(claim.purpose, claim.claim, nowMs);
      if (known) return known as Claim<Data>;
      put(claim);
      return structuredClone(claim);
    },
    get: async <Data>(purpose: string, claim: string, nowMs: number) =>
      find(purpose, claim, nowMs) as Claim<Data> | undefined,
    async remove(purpose, claim) {
      claims.delete(nameOf(purpose, claim));
    },
    list: async <Data>(purpose: string, nowMs: number) =>
      structuredClone(of(purpose, nowMs)) as Claim<Data>[],
    async count(purpose, { from = "", upTo }, nowMs) {
      return Math.min(upTo, of(purpose, nowMs).filter(({ claim }) => claim >= from).length);
    },
  };
};
