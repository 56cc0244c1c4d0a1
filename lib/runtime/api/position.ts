import * as Type from "typebox";
import { POSITION_FIELDS, type PositionField } from "../../core/position/position.ts";

const DESCRIPTIONS: Readonly<Record<PositionField["name"], string>> = {
  latitude: "WGS 84 degrees",
  longitude: "WGS 84 degrees",
  elevationMeters: "Height",
  accuracyMeters: "Radius of the circle that holds the true place with 68 % probability",
  bearingDegrees: "Clockwise from true north",
  speedMetersPerSecond: "As the device reports it",
  satellites: "How many were used",
  hdop: "Horizontal dilution of precision",
  vdop: "Vertical dilution of precision",
  pdop: "Position dilution of precision",
  distanceMeters: "From the position before, as the device reports it",
  elapsedSeconds: "Since the position before, as the device reports it",
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

/** A position as the API takes it. Describes; parsePositions is what checks. */
export const POSITION_INPUT = Type.Object({
  timestamp: Type.Union([Type.String({ format: "date-time" }), Type.Number()], {
    description: "ISO 8601 with its zone, or seconds or milliseconds since 1970",
  }),
  ...numberFields(numberField),
});
