import type { AnswerKind } from "../../engines/functions/answer-kind.ts";

/** One way in which a call can end before, in or behind the function, and who answers it how. */
export interface WhoAnswers {
  readonly situation: Situation;
  readonly status: number;
  /** The header X-OpenFaaS-Internal. */
  readonly answeredBy: string | undefined;
  /** What the engine makes of it. */
  readonly kind: AnswerKind;
}

export type Situation =
  | "unknown function"
  | "function refuses connections"
  | "connection reset behind the gateway"
  | "child refuses connections"
  | "child dies"
  | "exec_timeout is over"
  | "write_timeout is over"
  | "gateway's timeout is over"
  | "max_inflight is reached";

/** Measured on gateway 0.27.14 and of-watchdog 0.11.6. */
export const WHO_ANSWERS: readonly WhoAnswers[] = [
  { situation: "unknown function", status: 503, answeredBy: "proxy", kind: "did-not-run" },
  { situation: "function refuses connections", status: 500, answeredBy: "proxy", kind: "perhaps-ran" },
  { situation: "connection reset behind the gateway", status: 500, answeredBy: "proxy", kind: "perhaps-ran" },
  { situation: "child refuses connections", status: 500, answeredBy: "of-watchdog", kind: "perhaps-ran" },
  { situation: "child dies", status: 500, answeredBy: "of-watchdog", kind: "perhaps-ran" },
  { situation: "exec_timeout is over", status: 504, answeredBy: "of-watchdog", kind: "timed-out" },
  { situation: "write_timeout is over", status: 500, answeredBy: "proxy", kind: "perhaps-ran" },
  { situation: "gateway's timeout is over", status: 502, answeredBy: undefined, kind: "perhaps-runs" },
  { situation: "max_inflight is reached", status: 429, answeredBy: "faas-middleware", kind: "did-not-run" },
];

/** What a path behind `/function/<name>` becomes, or the status that the gateway answers instead. */
export const ARRIVALS: readonly (readonly [asked: string, arrives: string])[] = [
  ["/devices/van?x=1", "/devices/van?x=1"],
  ["", "/"],
  ["/", "/"],
  ["/devices/a%23b?limit=1", "/devices/a"],
  ["/devices/a%3Fb", "/devices/a?b"],
  ["/devices/a%2Fb", "/devices/a/b"],
  ["/devices/a%20b", "/devices/a%20b"],
  ["/devices/%C3%A9", "/devices/%C3%A9"],
  ["/devices?cursor=a%2Fb", "/devices?cursor=a%2Fb"],
  ["/devices/%zz", "status 400"],
  ["/devices/%25zz", "connection broken"],
];
