import { setTimeout as sleep } from "node:timers/promises";
import { MAXIMUM_RATE } from "../../../lib/core/replay/playback-clock.ts";
import { failure } from "../../command/failure.ts";
import type { StackAddress } from "../stack/stack-file.ts";
import { apiAt } from "./api.ts";
import { importPorts, importSources } from "./import-sources.ts";
import { playSources } from "./play.ts";
import { SAMPLE } from "./sample.ts";

const POLL_MILLISECONDS = 20;
const PATIENCE_MILLISECONDS = 30_000;

/**
 * Replays the whole sample drive as `demo` at top speed; resolves when all of it is in the device's track.
 */
export const playSampleAtOnce = async (address: StackAddress): Promise<void> => {
  const api = apiAt(address.apiUrl);
  const quiet = { begin: () => {}, advance: () => {}, end: () => {} };
  const [imported] = await importSources(importPorts(address), [SAMPLE], quiet);
  await playSources(api, [imported], {
    rate: MAXIMUM_RATE,
    loop: false,
    timestamps: "original",
    copies: 1,
  });
  const giveUpAt = performance.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const device = await api
      .get<{ positionCount: number }>(`/devices/${SAMPLE.deviceId}`)
      .catch(() => undefined);
    if (device?.positionCount === imported.positionCount) return;
    if (performance.now() > giveUpAt) throw failure("the sample drive did not arrive");
    await sleep(POLL_MILLISECONDS);
  }
};
