import { POSITION_FIELDS, type PositionField } from "../core/position/position.ts";

const DIGITS = new Map(
  POSITION_FIELDS.map(({ name, quantaPerUnit }) => [name, Math.round(Math.log10(quantaPerUnit))]),
);

/**
 * A field's value in plain decimal notation, as XML Schema wants it: never `1e-7`, and no digit beyond its
 * quantum.
 */
export const decimal = (name: PositionField["name"], value: number): string => {
  const text = value.toFixed(DIGITS.get(name));
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
};
