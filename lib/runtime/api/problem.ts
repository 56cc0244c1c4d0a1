import * as Type from "typebox";
import type { RouteResponse } from "../definition.ts";

export const PROBLEM = Type.Object({
  type: Type.String({
    description: "urn:backtrack:problem:<code>; distinguishes one kind of problem from another",
  }),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  instance: Type.String({ description: "urn:backtrack:request:<request id>" }),
  errors: Type.Optional(
    Type.Array(
      Type.Object({
        field: Type.String(),
        value: Type.Optional(Type.Unknown()),
        rule: Type.String(),
        index: Type.Optional(Type.Integer({ description: "Of the element or row, counting from 0" })),
      }),
    ),
  ),
});

/** A response of problem details (RFC 9457). */
export const problem = (description: string): RouteResponse => ({
  description,
  content: { "application/problem+json": PROBLEM },
});
