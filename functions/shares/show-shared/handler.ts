import { dynamoRequests } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoDeviceStore } from "../../../lib/adapters/dynamodb/device-store.ts";
import { dynamoRecordingStore } from "../../../lib/adapters/dynamodb/recording-store.ts";
import { dynamoShareLinks } from "../../../lib/adapters/dynamodb/share-store.ts";
import { dynamoTrackStore } from "../../../lib/adapters/dynamodb/track-store.ts";
import { keySecrets } from "../../../lib/adapters/key-secrets.ts";
import { segmentKey } from "../../../lib/adapters/segment-key.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import type { AdmitRequest } from "../../../lib/core/access/authenticate.ts";
import { toJson } from "../../../lib/core/position/parse-position.ts";
import { type OpenSharePorts, openShare } from "../../../lib/core/share/open-share.ts";
import type { Share } from "../../../lib/core/share/share.ts";
import { type ShownThingPorts, shownThing } from "../../../lib/core/share/shown-thing.ts";
import {
  LOOK,
  newestShown,
  readShownTrack,
  type ShownTrackPorts,
} from "../../../lib/core/share/shown-track.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { chooseFormat } from "../../../lib/runtime/accept.ts";
import { fittingCount, nextLink } from "../../../lib/runtime/api/page.ts";
import { timesJson } from "../../../lib/runtime/api/share.ts";
import { encodeCursor, readRange } from "../../../lib/runtime/api/time-range.ts";
import { damageReporter } from "../../../lib/runtime/damage.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";
import { FORMATS, UNNAMED } from "./formats.ts";

export interface Ports extends OpenSharePorts {
  /** Whoever has a link uses the requests of the tenant who gave it out. */
  readonly admitRequest: AdmitRequest;
  /** The stores of the tenant who owns the share. */
  readonly shownBy: OfTenant<ShownThingPorts & ShownTrackPorts>;
}

/** Only a link that works is counted: guesses are nobody's. */
const open = async (ports: Ports, token: string): Promise<Share> => {
  const share = await openShare(ports, token);
  await ports.admitRequest(share.tenant);
  return share;
};

export const createHandler = (ports: Ports) =>
  httpFunction(definition, {
    "GET /shared/{token}": async ({ parameters }) => {
      const share = await open(ports, parameters.token);
      const { thing, name, toMs } = share;
      const shown = ports.shownBy(share.tenant);
      const { trackId, tail } = await shownThing(shown, thing);
      const nowMs = ports.now();
      const isDevice = thing.kind === "device";
      const position = isDevice
        ? await newestShown(shown, trackId, share, { ...readRange({}), tail, liveAtMs: nowMs })
        : undefined;
      return {
        status: 200,
        body: {
          kind: thing.kind,
          ...(name !== undefined && { name }),
          live: isDevice && (toMs === undefined || toMs > nowMs),
          ...timesJson(share),
          ...(position && { position: toJson(position) }),
        },
      };
    },
    "GET /shared/{token}/track": async (request) => {
      const range = readRange(request.query);
      const format = chooseFormat(FORMATS, request.query.format, request.headers.accept);
      const share = await open(ports, request.parameters.token);
      const shown = ports.shownBy(share.tenant);
      // The tail first, as get-track does.
      const { trackId, tail } = await shownThing(shown, share.thing);
      const live = share.thing.kind === "device" && { liveAtMs: ports.now() };
      for (let limit = request.query.limit; ; ) {
        const page = { ...range, limit, tail, ...live };
        const { positions, nextMs } = await readShownTrack(shown, trackId, share, page);
        const cursor = encodeCursor(nextMs);
        const body = format.encode({ name: share.name ?? UNNAMED, positions, cursor });
        const fewer = fittingCount(body, positions.count);
        if (fewer === positions.count) {
          const headers = { vary: "accept", ...nextLink(request, cursor) };
          return { status: 200, headers, body, contentType: format.contentType };
        }
        limit = fewer;
      }
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();
const shownBy = portsOfTenant(
  {
    devices: dynamoDeviceStore(client, environment.table("devices")),
    recordings: dynamoRecordingStore(client, environment.table("recordings")),
    tracks: dynamoTrackStore(client, environment.table("tracks")),
    onDamage: damageReporter(definition, segmentKey),
  },
  { compression: zstd, look: LOOK },
);

export const handler = createHandler({
  links: dynamoShareLinks(client, environment.table("shares")),
  secrets: keySecrets,
  admitRequest: dynamoRequests(client, environment.table),
  now: Date.now,
  shownBy,
});
