import { keySecrets } from "../lib/adapters/key-secrets.ts";
import { memoryDeviceStore } from "../lib/adapters/memory/device-store.ts";
import { memoryRecordingStore } from "../lib/adapters/memory/recording-store.ts";
import { memoryShares } from "../lib/adapters/memory/share-store.ts";
import { memoryTrackStore } from "../lib/adapters/memory/track-store.ts";
import { zstd } from "../lib/adapters/zstd.ts";
import { ANYBODY, type Caller } from "../lib/core/access/caller.ts";
import type { DeviceState } from "../lib/core/device/device-state.ts";
import type { Position } from "../lib/core/position/position.ts";
import { PositionBuffer } from "../lib/core/position/position-buffer.ts";
import type { Recording } from "../lib/core/recording/recording.ts";
import { encodeSegment } from "../lib/core/segment/segment.ts";
import { createShare, type ShareRequest } from "../lib/core/share/create-share.ts";
import { LOOK, type LookLimits } from "../lib/core/share/shown-track.ts";
import { perTenant } from "../lib/core/tenant/of-tenant.ts";
import type { TenantId } from "../lib/core/tenant/tenant-id.ts";
import { deviceTrack, recordingTrack, type TrackId } from "../lib/core/track/track-store.ts";
import { deviceStateOf } from "./device-state.ts";
import { RECORDING } from "./samples.ts";

export const NOW_MS = Date.UTC(2026, 10, 21, 12);

/** Any number of tenants' devices, recordings and shares, in memory, and a clock. */
export const shareWorld = (look: Partial<LookLimits> = {}) => {
  const clock = { nowMs: NOW_MS };
  const now = () => clock.nowMs;
  const { shares, links } = memoryShares();
  const storesOf = perTenant(() => ({
    devices: memoryDeviceStore(),
    recordings: memoryRecordingStore(),
    tracks: memoryTrackStore(),
    compression: zstd,
    look: { ...LOOK, ...look },
  }));
  const shared = { secrets: keySecrets, now };

  const seal = (tenant: TenantId, trackId: TrackId, positions: readonly Position[], perSegment: number) => {
    const starts = Array.from({ length: Math.ceil(positions.length / perSegment) }, (_, n) => n * perSegment);
    const segments = starts.map((from) => {
      const part = positions.slice(from, from + perSegment);
      return {
        kind: "sealed" as const,
        firstTimestampMs: part[0].timestampMs,
        lastTimestampMs: part[part.length - 1].timestampMs,
        positionCount: part.length,
        data: encodeSegment(PositionBuffer.from(part)),
      };
    });
    return storesOf(tenant).tracks.put(trackId, segments);
  };

  return {
    clock,
    now,
    shares,
    links,
    storesOf,
    createPorts: (tenant: TenantId) => ({ ...storesOf(tenant), shares: shares(tenant), ...shared }),
    showPorts: { ...shared, admitRequest: async () => {}, links, shownBy: storesOf },
    /** A device whose first positions are sealed, and whose last `tailCount` are its tail. */
    giveDevice: async (
      deviceId: string,
      positions: readonly Position[],
      {
        tailCount = positions.length,
        perSegment = 7,
        state = {},
        tenant = ANYBODY.tenant,
      }: {
        tailCount?: number;
        perSegment?: number;
        state?: Partial<DeviceState>;
        tenant?: TenantId;
      } = {},
    ) => {
      const sealed = positions.slice(0, positions.length - tailCount);
      await seal(tenant, deviceTrack(deviceId), sealed, perSegment);
      const tail = positions.slice(positions.length - tailCount);
      const sealedUntilMs = sealed.at(-1)?.timestampMs;
      await storesOf(tenant).devices.save(
        deviceStateOf(deviceId, [...tail], { sealedUntilMs, positionCount: positions.length, ...state }),
      );
    },
    giveRecording: async (
      recordingId: string,
      positions: readonly Position[],
      {
        epoch = 0,
        tenant = ANYBODY.tenant,
        recording = {},
      }: { epoch?: number; tenant?: TenantId; recording?: Partial<Recording> } = {},
    ) => {
      await seal(tenant, recordingTrack(recordingId, epoch), positions, 7);
      await storesOf(tenant).recordings.put({
        ...RECORDING,
        ...recording,
        recordingId,
        ...(epoch > 0 && { epoch }),
      });
    },
    share: (request: ShareRequest, caller: Partial<Caller> = {}) => {
      const who = { ...ANYBODY, ...caller };
      const ports = { ...storesOf(who.tenant), shares: shares(who.tenant), ...shared };
      return createShare(ports, who, { expiresInSeconds: 3_600, ...request });
    },
  };
};
