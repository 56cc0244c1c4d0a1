import type { ApiKey, ApiKeyStore } from "../../core/access/api-key.ts";
import { ConflictError } from "../../core/errors.ts";
import { pageOf } from "./paging.ts";

/** A keys table in memory. */
export const memoryApiKeyStore = (): ApiKeyStore => {
  const keys = new Map<string, ApiKey>();
  return {
    async create(key) {
      if (keys.has(key.keyId)) throw new ConflictError(`there is a key ${key.keyId} already`);
      keys.set(key.keyId, structuredClone(key));
    },
    async get(keyId) {
      return structuredClone(keys.get(keyId));
    },
    async list(request) {
      return pageOf(keys, "keyId", request, (key) => structuredClone(key));
    },
    async remove(keyId) {
      return keys.delete(keyId);
    },
  };
};
