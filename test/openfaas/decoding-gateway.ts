import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Of OpenFaaS's gateway, what it does to addresses: it takes `/function/<name>` away, and passes the rest on
 * decoded, so that what was `%23` cuts the path off.
 */
export const startDecodingGateway = async (functionName: string, upstream: string) => {
  const prefix = `/function/${functionName}`;
  const server = createServer((incoming, outgoing) => {
    const [path, query] = (incoming.url ?? "").split("?");
    if (!path.startsWith(`${prefix}/`)) {
      outgoing.writeHead(404).end();
      return;
    }
    const decoded = new URL(`http://${upstream}${decodeURIComponent(path.slice(prefix.length))}`).pathname;
    const { method, headers } = incoming;
    const url = `http://${upstream}${decoded}${query === undefined ? "" : `?${query}`}`;
    const passed = request(url, { method, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on("error", () => outgoing.destroy());
    incoming.pipe(passed);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};
