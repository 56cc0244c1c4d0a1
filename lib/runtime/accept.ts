import { TransportError } from "./error-map.ts";

interface Wanted {
  readonly type: string;
  readonly quality: number;
}

const parse = (accept: string): Wanted[] =>
  accept.split(",").map((entry) => {
    const [type, ...parameters] = entry.split(";").map((part) => part.trim().toLowerCase());
    const given = parameters.find((parameter) => parameter.startsWith("q="));
    const quality = given === undefined ? 1 : Number(given.slice(2));
    return { type, quality: Number.isNaN(quality) ? 0 : quality };
  });

/** The more specific of two ranges wins (RFC 9110, section 12.5.1). */
const specificity = (range: string, type: string): number => {
  if (range === type) return 2;
  if (range === `${type.split("/")[0]}/*`) return 1;
  return range === "*/*" ? 0 : -1;
};

const qualityOf = (type: string, wanted: readonly Wanted[]): number => {
  let best = { specificity: -1, quality: 0 };
  for (const { type: range, quality } of wanted) {
    const found = specificity(range, type);
    if (found > best.specificity) best = { specificity: found, quality };
  }
  return best.quality;
};

/**
 * Of the media types offered, the one that an `Accept` header prefers; among equals, the first one offered.
 * Without a header anything is acceptable. Undefined when nothing fits.
 */
export const preferredType = <Type extends string>(
  accept: string | undefined,
  offered: readonly Type[],
): Type | undefined => {
  const wanted = parse(accept?.trim() || "*/*");
  let best: Type | undefined;
  for (const type of offered) {
    const quality = qualityOf(type, wanted);
    if (quality > (best === undefined ? 0 : qualityOf(best, wanted))) best = type;
  }
  return best;
};

/**
 * The format that the query names, else the one that `Accept` wants most. Raises TransportError when none of
 * them fits.
 */
export const chooseFormat = <Format extends { readonly contentType: string }>(
  formats: Readonly<Record<string, Format>>,
  name: string | undefined,
  accept: string | undefined,
): Format => {
  const named = name === undefined ? undefined : formats[name];
  if (named) return named;
  const offered = Object.values(formats).map(({ contentType }) => contentType);
  const type = preferredType(accept, offered);
  const format = Object.values(formats).find(({ contentType }) => contentType === type);
  if (!format) throw new TransportError("not-acceptable", `a track is offered as ${offered.join(", ")}`);
  return format;
};
