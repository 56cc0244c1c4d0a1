import * as Type from "typebox";
import type { Area } from "../../core/share/area.ts";
import { LONGEST_SHARE_SECONDS, type ShareRequest } from "../../core/share/create-share.ts";
import type { Share } from "../../core/share/share.ts";
import { DEVICE_ID } from "./device.ts";
import { readTime } from "./time.ts";

/** Path parameters of everything under `/shares/{shareId}`. */
export const SHARE_PATH = Type.Object({ shareId: Type.String({ minLength: 1, maxLength: 128 }) });

/**
 * Path parameters of everything under `/shared/{token}`. No pattern: a text that can't be a link gets the
 * same answer as an unknown one, and no answer repeats it.
 */
export const SHARED_PATH = Type.Object({ token: Type.String({ description: "The end of the link" }) });

/** In metres: anything smaller is no home, and anything larger is better given as an area. */
const HIDDEN_METERS = { minimum: 10, maximum: 100_000 };
const MOST_HIDDEN = 20;

const LATITUDE = Type.Number({ minimum: -90, maximum: 90 });
const LONGITUDE = Type.Number({ minimum: -180, maximum: 180 });
const moment = (description: string) =>
  Type.Optional(
    Type.String({ maxLength: 40, description: `${description}: ISO 8601 with its zone, or since 1970` }),
  );

const AREA = Type.Array(Type.Number({ minimum: -180, maximum: 180 }), {
  minItems: 4,
  maxItems: 4,
  description:
    "[west, south, east, north] in degrees: nothing outside is shown. With west greater than east it crosses the antimeridian",
});
const HIDE = Type.Array(
  Type.Object(
    { latitude: LATITUDE, longitude: LONGITUDE, radiusMeters: Type.Number(HIDDEN_METERS) },
    { additionalProperties: false },
  ),
  { maxItems: MOST_HIDDEN, description: "Circles inside which nothing is shown, such as around a home" },
);
const NAME = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
  "x-rule": "must be 1 to 100 characters of text in one line",
  description: "Shown to everybody who has the link",
});

export const SHARE_BODY = Type.Object(
  {
    deviceId: Type.Optional(DEVICE_ID),
    recordingId: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    expiresInSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: LONGEST_SHARE_SECONDS })),
    expiresAt: moment("When the link expires"),
    from: moment("Nothing before this time is shown"),
    to: moment("Nothing after this time is shown"),
    area: Type.Optional(AREA),
    hide: Type.Optional(HIDE),
    name: Type.Optional(NAME),
  },
  { additionalProperties: false },
);

export const SHARE_BODY_MEANING =
  "Give either deviceId or recordingId, and either expiresInSeconds or expiresAt. A link to a device shows positions from " +
  "now on, unless from says otherwise; without to, it is live. A link to a recording with area or hide shows at most the UTC days " +
  "of the recording, which its from and to then tell. Nothing outside area, inside a circle of hide, before from " +
  "or after to is shown, or counted in anything that is shown.";

const MOMENT = Type.String({ format: "date-time" });

const SHARE_FIELDS = {
  shareId: Type.String(),
  deviceId: Type.Optional(Type.String()),
  recordingId: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  from: Type.Optional(MOMENT),
  to: Type.Optional(MOMENT),
  area: Type.Optional(AREA),
  hide: HIDE,
  keyId: Type.Optional(Type.String({ description: "The key that made it" })),
  createdAt: MOMENT,
  expiresAt: MOMENT,
};

/** A share as its owner sees it. */
export const SHARE = Type.Object(SHARE_FIELDS);

export const NEW_SHARE = Type.Object({
  ...SHARE_FIELDS,
  token: Type.String({ description: "The secret of the link; it is shown only this once" }),
  link: Type.String({ description: "/shared/{token}: whoever has it may look" }),
});

export interface ShareBody {
  readonly deviceId?: string;
  readonly recordingId?: string;
  readonly expiresInSeconds?: number;
  readonly expiresAt?: string;
  readonly from?: string;
  readonly to?: string;
  readonly area?: readonly number[];
  readonly hide?: ShareRequest["hidden"];
  readonly name?: string;
}

const readMoment = (field: string, text: string | undefined): number | undefined =>
  text === undefined ? undefined : readTime(field, text);

const toArea = ([west = 0, south = 0, east = 0, north = 0]: readonly number[]): Area => ({
  west,
  south,
  east,
  north,
});

/** Raises InvalidInputError if the text is not a time. */
export const toShareRequest = ({ expiresAt, from, to, area, hide, ...rest }: ShareBody): ShareRequest => ({
  ...rest,
  expiresAtMs: readMoment("expiresAt", expiresAt),
  fromMs: readMoment("from", from),
  toMs: readMoment("to", to),
  ...(area && { area: toArea(area) }),
  ...(hide && { hidden: hide }),
});

export const sharePath = (shareId: string): string => `/shares/${encodeURIComponent(shareId)}`;

const iso = (timestampMs: number): string => new Date(timestampMs).toISOString();

/** Until when a link works, and which times it shows: everybody who has the link sees this. */
export const timesJson = ({ fromMs, toMs, expiresAtSeconds }: Share) => ({
  ...(fromMs !== undefined && { from: iso(fromMs) }),
  ...(toMs !== undefined && { to: iso(toMs) }),
  expiresAt: iso(expiresAtSeconds * 1000),
});

/** A share as the API returns it to its owner. */
export const shareJson = (share: Share) => {
  const { shareId, thing, name, area, hidden, keyId, createdAtMs } = share;
  return {
    shareId,
    ...(thing.kind === "device" ? { deviceId: thing.deviceId } : { recordingId: thing.recordingId }),
    ...(name !== undefined && { name }),
    ...(area && { area: [area.west, area.south, area.east, area.north] }),
    hide: hidden,
    ...(keyId !== undefined && { keyId }),
    createdAt: iso(createdAtMs),
    ...timesJson(share),
  };
};
