/** What an answer other than 200 says of the function that was called. */
export type AnswerKind =
  /** It never ran; the same call may work later. */
  | "did-not-run"
  /** The host will never take this event. */
  | "refused"
  | "timed-out"
  /** It may have run, and is over. */
  | "perhaps-ran"
  /** It may have run, and may run on. */
  | "perhaps-runs";

/**
 * Say how an engine is set up, and nothing of the event, which must wait until that is mended: 401, 403, 407
 * a proxy that wants to know who calls; 408, 421, 425 one that could not pass it on; 404 a function that is
 * not deployed yet, or whose token is older or newer.
 */
const MENDABLE: ReadonlySet<number> = new Set([401, 403, 404, 407, 408, 421, 425, 429, 503]);

/**
 * Reads a status, and who gave it: OpenFaaS names that in X-OpenFaaS-Internal, our own host marks what it
 * answers, and without either it was a gateway, a proxy or Lambda itself. Measured on OpenFaaS's gateway and
 * watchdog; their 500 is a refused connection as well as one that was cut.
 */
export const answerKind = (
  status: number,
  answeredBy: string | undefined,
  isFromHost = false,
): AnswerKind => {
  // A redirection: to https, for one.
  if (MENDABLE.has(status) || (status >= 300 && status < 400)) return "did-not-run";
  if (status < 500) return "refused";
  // What the host itself says of a function is true when it is said: nothing runs on.
  if (isFromHost) return status === 504 ? "timed-out" : "perhaps-ran";
  if (status === 504 && answeredBy === "of-watchdog") return "timed-out";
  return status === 502 || status === 504 ? "perhaps-runs" : "perhaps-ran";
};
