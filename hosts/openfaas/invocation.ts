/*
 * How a self-hosted function is called with an event: Lambda's Invoke API (POST
 * /2015-03-31/functions/<name>/invocations) and a token, because a gateway of OpenFaaS is open to anybody.
 * The engine's side is engines/functions/.
 */

/** The header that carries the token. Whoever lacks it gets what every unknown path gets. */
export const INVOKE_TOKEN_HEADER = "x-backtrack-invoke-token";

/** The secret that holds the token. */
export const INVOKE_TOKEN_SECRET = "backtrack-invoke-token";

/** Marks every answer of our own host, which are told from a gateway's or a watchdog's by it. */
export const HOST_HEADER = "x-backtrack-host";
