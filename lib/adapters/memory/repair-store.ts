import { VersionConflictError } from "../../core/errors.ts";
import type { Repair, RepairStore } from "../../core/repair/repair.ts";

/** Repairs in memory. */
export const memoryRepairStore = (): RepairStore => {
  const repairs = new Map<string, Repair>();
  return {
    async get(deviceId) {
      return structuredClone(repairs.get(deviceId));
    },
    async save(repair) {
      const { deviceId, version } = repair;
      if ((repairs.get(deviceId)?.version ?? 0) !== version) {
        throw new VersionConflictError(
          `save repair of device ${deviceId} over version ${version}: another writer was faster`,
        );
      }
      const saved = { ...structuredClone(repair), version: version + 1 };
      repairs.set(deviceId, saved);
      return structuredClone(saved);
    },
  };
};
