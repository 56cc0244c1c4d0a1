/** The part of the API's position that the tests read. */
export interface PositionAnswer {
  readonly timestamp: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly speedMetersPerSecond?: number;
}

export interface DeviceAnswer {
  readonly deviceId: string;
  readonly position: PositionAnswer;
  readonly odometerMeters: number;
  readonly positionCount: number;
  readonly latePositionCount: number;
}

export interface ReplayAnswer {
  readonly replayId: string;
  readonly status: string;
  readonly rate: number;
  readonly progress: {
    readonly offsetSeconds: number;
    readonly durationSeconds: number;
    readonly positionsPublished: number;
  };
}

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** A body that is sent as it is, not as JSON. */
export interface FileBody {
  readonly mediaType: string;
  readonly text: string;
}

const isFile = (body: unknown): body is FileBody =>
  typeof body === "object" && body !== null && "mediaType" in body && "text" in body;

/**
 * A plain HTTP client: the tests see what any client sees. The API may be below a path; a key, where one is
 * required, goes with each request.
 */
export const clientOf = (apiUrl: string, key?: string) => {
  const base = apiUrl.replace(/\/$/, "");
  const call = async <Body>(method: string, path: string, body?: unknown): Promise<Answer<Body>> => {
    const response = await fetch(base + path, {
      method,
      headers: {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { "content-type": isFile(body) ? body.mediaType : "application/json" }),
      },
      ...(body !== undefined && { body: isFile(body) ? body.text : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === "" ? undefined : JSON.parse(text)) as Body,
    };
  };
  const get = async <Body>(path: string): Promise<Body> => (await call<Body>("GET", path)).body;
  return {
    call,
    get,
    url: (path: string): string => base + path,
    device: (deviceId: string) => get<DeviceAnswer>(`/devices/${deviceId}`),

    async replays(): Promise<readonly ReplayAnswer[]> {
      return (await get<{ replays: ReplayAnswer[] }>("/replays")).replays;
    },

    /** Every page of the device's track, and the number of pages. */
    async track(deviceId: string, limit = 500): Promise<{ positions: PositionAnswer[]; pages: number }> {
      const positions: PositionAnswer[] = [];
      let pages = 0;
      let query: string | undefined = `limit=${limit}`;
      while (query !== undefined) {
        const page: { positions: PositionAnswer[]; cursor?: string } = await get(
          `/devices/${deviceId}/track?${query}`,
        );
        positions.push(...page.positions);
        pages++;
        query = page.cursor && `limit=${limit}&cursor=${encodeURIComponent(page.cursor)}`;
      }
      return { positions, pages };
    },
  };
};

export type Client = ReturnType<typeof clientOf>;
