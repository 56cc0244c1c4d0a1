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
 * Reads a status, and who gave it: OpenFaaS names that in X-OpenFaaS-Internal, our own host marks what it
 * answers, and without either it was a gateway, a proxy or Lambda itself. Measured on OpenFaaS's gateway and
 * watchdog; their 500 is a refused connection as well as one that was cut.
 */
export const answerKind = (
  status: number,
  answeredBy: string | undefined,
  isFromHost = false,
): AnswerKind => {
  // 404 too: the function is not deployed yet, or its token is older or newer, and its events must wait for
  // it.
  if (status === 404 || status === 429 || status === 503) return "did-not-run";
  if (status < 500) return "refused";
  // What the host itself says of a function is true when it is said: nothing runs on.
  if (isFromHost) return status === 504 ? "timed-out" : "perhaps-ran";
  if (status === 504 && answeredBy === "of-watchdog") return "timed-out";
  return status === 502 || status === 504 ? "perhaps-runs" : "perhaps-ran";
};
