import type { Api } from "../infra/local/start/api.ts";

/** What benchmarks read through a running stack's API. */

interface DevicePage {
  readonly devices: readonly { readonly deviceId: string; readonly positionCount: number }[];
  readonly cursor?: string;
}

interface TrackPage {
  readonly positions: readonly { readonly timestamp: string }[];
  readonly cursor?: string;
}

/** How many positions each device has. */
export const positionCounts = async (api: Pick<Api, "get">): Promise<Map<string, number>> => {
  const counts = new Map<string, number>();
  let cursor: string | undefined;
  do {
    const page: DevicePage = await api.get(`/devices?${query({ limit: "1000", cursor })}`);
    for (const { deviceId, positionCount } of page.devices) counts.set(deviceId, positionCount);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return counts;
};

/** The timestamps of a device's whole track, in milliseconds since 1970. */
export const trackTimestamps = async (api: Api, deviceId: string): Promise<number[]> => {
  const timestamps: number[] = [];
  let cursor: string | undefined;
  do {
    const page: TrackPage = await api.get(`/devices/${deviceId}/track?${query({ limit: "10000", cursor })}`);
    for (const { timestamp } of page.positions) timestamps.push(Date.parse(timestamp));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return timestamps;
};

const query = ({ limit, cursor }: { limit: string; cursor: string | undefined }): URLSearchParams =>
  new URLSearchParams({ limit, ...(cursor !== undefined && { cursor }) });
