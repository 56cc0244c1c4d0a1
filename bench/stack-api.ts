/** The little that benchmarks ask of the API. */

interface DevicePage {
  readonly devices: readonly { readonly deviceId: string; readonly positionCount: number }[];
  readonly cursor?: string;
}

interface TrackPage {
  readonly positions: readonly { readonly timestamp: string }[];
  readonly cursor?: string;
}

export const getJson = async <Answer>(url: string | URL): Promise<Answer> => {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`GET ${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
};

/** How many positions each device has. */
export const positionCounts = async (apiUrl: string): Promise<Map<string, number>> => {
  const counts = new Map<string, number>();
  let cursor: string | undefined;
  do {
    const page: DevicePage = await getJson(withQuery(`${apiUrl}/devices`, { limit: "1000", cursor }));
    for (const { deviceId, positionCount } of page.devices) counts.set(deviceId, positionCount);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return counts;
};

/** The timestamps of a device's whole track, milliseconds since 1970. */
export const trackTimestamps = async (apiUrl: string, deviceId: string): Promise<number[]> => {
  const timestamps: number[] = [];
  let cursor: string | undefined;
  do {
    const url = withQuery(`${apiUrl}/devices/${deviceId}/track`, { limit: "10000", cursor });
    const page: TrackPage = await getJson(url);
    for (const { timestamp } of page.positions) timestamps.push(Date.parse(timestamp));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return timestamps;
};

const withQuery = (address: string, query: Readonly<Record<string, string | undefined>>): URL => {
  const url = new URL(address);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url;
};
