import { InvalidInputError } from "../../lib/core/errors.ts";
import { sentence } from "../../lib/runtime/problem.ts";

const isReadable = (segment: string): boolean => {
  try {
    decodeURIComponent(segment);
    return true;
  } catch {
    return false;
  }
};

/**
 * The path parameter at this place of the address, in the first route that matches the readable part of it.
 */
const parameterAt = (
  templates: readonly (readonly string[])[],
  segments: readonly string[],
  place: number,
): string | undefined => {
  const template = templates.find(
    (parts) =>
      parts.length === segments.length &&
      parts[place].startsWith("{") &&
      parts.every((part, index) => part.startsWith("{") || part === segments[index]),
  );
  return template?.[place].slice(1, -1);
};

/**
 * Tells what is wrong with an address that has malformed percent-encoding, and so never reaches a function;
 * else undefined. `paths` are the routes', for example `/devices/{deviceId}`.
 */
export const unreadablePathOf = (
  paths: readonly string[],
): ((url: string) => InvalidInputError | undefined) => {
  const templates = paths.map((path) => path.split("/"));
  return (url) => {
    const segments = url.split(/[?#]/)[0].split("/");
    const place = segments.findIndex((segment) => !isReadable(segment));
    if (place < 0) return undefined;
    const field = parameterAt(templates, segments, place) ?? "path";
    const rule = "must be percent-encoded UTF-8: a percent sign itself is %25";
    const problem = { field, value: segments[place], rule };
    return new InvalidInputError(sentence(problem), { problems: [problem] });
  };
};
