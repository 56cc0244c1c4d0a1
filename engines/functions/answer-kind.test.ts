import { expect, it } from "vitest";
import { type AnswerKind, answerKind } from "./answer-kind.ts";

it.each<[number, string | undefined, AnswerKind]>([
  [404, undefined, "did-not-run"],
  [429, "faas-middleware", "did-not-run"],
  [503, "proxy", "did-not-run"],
  [301, undefined, "did-not-run"],
  [308, undefined, "did-not-run"],
  [401, undefined, "did-not-run"],
  [403, undefined, "did-not-run"],
  [408, undefined, "did-not-run"],
  [413, undefined, "refused"],
  [400, undefined, "refused"],
  [500, "proxy", "perhaps-ran"],
  [500, "of-watchdog", "perhaps-ran"],
  [500, undefined, "perhaps-ran"],
  [504, "of-watchdog", "timed-out"],
  [504, undefined, "perhaps-runs"],
  [502, undefined, "perhaps-runs"],
])("takes %i from %s for: %s", (status, answeredBy, kind) => {
  expect(answerKind(status, answeredBy)).toBe(kind);
});

it.each<[number, AnswerKind]>([
  [404, "did-not-run"],
  [408, "did-not-run"],
  [503, "did-not-run"],
  [400, "refused"],
  [413, "refused"],
  [500, "perhaps-ran"],
  [502, "perhaps-ran"],
  [504, "timed-out"],
])("takes %i from our own host for: %s", (status, kind) => {
  expect(answerKind(status, undefined, true)).toBe(kind);
});
