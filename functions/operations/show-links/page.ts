const LINKS: readonly (readonly [path: string, what: string])[] = [
  ["/openapi.json", "the whole contract of the API (OpenAPI 3.1)"],
  ["/devices", "devices, with their newest positions"],
  ["/recordings", "recorded drives"],
  ["/replays", "what is being replayed"],
  ["/quarantine", "records that could not be applied"],
  ["/healthz", "is the API up?"],
];

const POSITION = '{"timestamp": 1795176000, "latitude": 46.05, "longitude": 14.5}';

const commands = (base: string): string[] => [
  `curl -X POST '${base}/devices/van/positions' -H 'content-type: application/json' -d '${POSITION}'`,
  `curl '${base}/devices/van'`,
  `curl '${base}/devices/van/track?format=geojson&limit=100'`,
  `curl -X POST '${base}/recordings?name=drive' -H 'content-type: text/csv' --data-binary @drive.csv`,
];

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => ESCAPES[character]);

/**
 * The address at which the caller reached us, without the prefix, if its headers hold a plausible one; else a
 * placeholder.
 */
export const baseOf = (headers: Readonly<Record<string, string | undefined>>): string => {
  const { host = "" } = headers;
  if (!/^[A-Za-z0-9.-]+(:\d{1,5})?$/.test(host)) return "$B";
  return `${headers["x-forwarded-proto"] === "https" ? "https" : "http"}://${host}`;
};

/** The page, without scripts, styles or external addresses. The prefix is the path before every other. */
export const linksPage = (base: string, prefix = ""): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Backtrack</title></head>
<body>
<h1>Backtrack</h1>
<p>Live positions, history and replay of GPS devices. This is its API.</p>
<ul>
${LINKS.map(([path, what]) => `<li><a href="${prefix}${path}">${path}</a> ${what}</li>`).join("\n")}
</ul>
<p>Try it in a terminal:</p>
<pre>
${commands(base + prefix)
  .map(escaped)
  .join("\n")}
</pre>
<p>If keys are required, add <code>-H 'authorization: Bearer KEY'</code>; a browser alone then shows only this page, the contract and the health.</p>
</body>
</html>
`;
