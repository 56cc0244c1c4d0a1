import type { RequestCounter } from "../../core/tenant/request-meter.ts";

/** A usage table in memory. */
export const memoryRequestCounter = (): RequestCounter => {
  const counts = new Map<string, number>();
  return {
    async add(tenant, minute, count) {
      const total = (counts.get(`${tenant} ${minute}`) ?? 0) + count;
      counts.set(`${tenant} ${minute}`, total);
      return total;
    },
    async read(tenant, minute) {
      return counts.get(`${tenant} ${minute}`) ?? 0;
    },
  };
};
