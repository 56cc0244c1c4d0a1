/** What a page of an allowed origin may send, and may read from a response, beyond what every page may. */
export const ALLOWED_REQUEST_HEADERS = [
  "accept",
  "authorization",
  "content-type",
  "idempotency-key",
  "x-api-key",
  "x-request-id",
];
export const EXPOSED_RESPONSE_HEADERS = [
  "link",
  "location",
  "retry-after",
  "www-authenticate",
  "x-damaged",
  "x-request-id",
];
