import * as Type from "typebox";
import { POSITION_FIELDS, type PositionField } from "../../core/position/position.ts";

const DESCRIPTIONS: Readonly<Record<PositionField["name"], string>> = {
  latitude: "WGS 84 degrees",
  longitude: "WGS 84 degrees",
  elevationMeters: "Height",
  accuracyMeters: "Radius of the circle that contains the true position with 68% probability",
  bearingDegrees: "Clockwise from true north",
  speedMetersPerSecond: "As the device reports it",
  satellites: "Number of satellites used",
  hdop: "Horizontal dilution of precision",
  vdop: "Vertical dilution of precision",
  pdop: "Position dilution of precision",
  distanceMeters: "From the previous position, as the device reports it",
  elapsedSeconds: "Since the previous position, as the device reports it",
};

const numberFields = (schemaOf: (field: PositionField) => Type.TSchema): Record<string, Type.TSchema> =>
  Object.fromEntries(POSITION_FIELDS.map((field) => [field.name, schemaOf(field)]));

const numberField = (field: PositionField): Type.TSchema => {
  const { name, minimum, maximum, required } = field;
  const schema = Type.Number({ minimum, maximum, description: DESCRIPTIONS[name] });
  return required ? schema : Type.Optional(schema);
};

/** A position as the API answers it. */
export const POSITION = Type.Object({
  timestamp: Type.String({ format: "date-time", description: "UTC, with milliseconds" }),
  ...numberFields(numberField),
});

const NUMBER_TEXT = "[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?";
const ISO_8601_TEXT =
  "\\d{4}-\\d{2}-\\d{2}[Tt ]\\d{2}:\\d{2}(:\\d{2}([.,]\\d+)?)?([Zz]|[+-]\\d{2}(:?\\d{2})?)";
const text = (pattern: string) => Type.String({ pattern: `^\\s*(${pattern})\\s*$` });

const numberInput = (field: PositionField): Type.TSchema => {
  const { name, minimum, maximum, required } = field;
  const number = Type.Number({ minimum, maximum });
  const description = DESCRIPTIONS[name];
  if (required)
    return Type.Union([number, text(NUMBER_TEXT)], { description: `${description}; also as text` });
  return Type.Optional(
    Type.Union([number, text(`(${NUMBER_TEXT})?`), Type.Null()], {
      description: `${description}; also as text. null or empty text means not reported`,
    }),
  );
};

const OWN_DEVICE = Type.Optional(
  Type.Union([Type.String(), Type.Number(), Type.Null()], {
    description: "Must be the device in the path; a position of any other is rejected",
  }),
);

/**
 * A position as the API accepts it. This describes; parsePositions checks, and also knows what no schema can
 * say: the range of a number given as text, and which timestamps are possible.
 */
export const POSITION_INPUT = Type.Object({
  timestamp: Type.Union([text(`${ISO_8601_TEXT}|${NUMBER_TEXT}`), Type.Number()], {
    description: "ISO 8601 with its zone, or seconds or milliseconds since 1970",
  }),
  ...numberFields(numberInput),
  deviceId: OWN_DEVICE,
  device_id: OWN_DEVICE,
});
