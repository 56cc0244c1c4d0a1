import type { Sleep } from "../../lib/core/clock.ts";
import type { LeasedWork } from "./share-leases.ts";

/**
 * When calls in flight are to be cut: at once when the lease is lost, and a while after it is to be handed
 * over. Until then the lease is still held, so nobody else does what they do.
 */
export const cutOff = (
  { stopping, lost }: Pick<LeasedWork, "stopping" | "lost">,
  graceMilliseconds: number,
  sleep: Sleep,
): AbortSignal => {
  if (graceMilliseconds <= 0) return stopping;
  const cut = new AbortController();
  const wait = (): void => {
    sleep(graceMilliseconds, lost)
      .catch(() => {})
      .finally(() => cut.abort(stopping.reason));
  };
  if (stopping.aborted) wait();
  else stopping.addEventListener("abort", wait, { once: true });
  return AbortSignal.any([cut.signal, lost]);
};
