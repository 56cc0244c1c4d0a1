import { describe, expect, it } from "vitest";
import type { StreamIdentity } from "../../lib/core/stream/stream-identity.ts";

export interface StreamUnderTest {
  readonly identity: StreamIdentity;
  /** As events name it. */
  readonly stream: string;
  /** Deletes the stream and creates it again under its name, at least a second after its creation. */
  readonly makeAnew: () => Promise<void>;
}

/**
 * What every StreamIdentity does. `make` returns one for a new stream, whose cache never expires by itself.
 */
export const streamIdentityContract = (name: string, make: () => Promise<StreamUnderTest>): void => {
  describe(`finding 11: ${name} keeps the contract of StreamIdentity`, () => {
    it("returns one creation time until it has to ask again, and then the new one", async () => {
      const { identity, stream, makeAnew } = await make();
      const first = await identity.createdAtMs(stream);
      expect(await identity.createdAtMs(stream)).toBe(first);
      await makeAnew();
      expect(await identity.createdAtMs(stream)).toBe(first);
      const second = await identity.createdAtMs(stream, Number.POSITIVE_INFINITY);
      expect(second).toBeGreaterThan(first);
      expect(await identity.createdAtMs(stream)).toBe(second);
    });
  });
};
