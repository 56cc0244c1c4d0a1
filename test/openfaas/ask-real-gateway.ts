import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { startGateway } from "./gateway.ts";
import { answerOf, arrivalOf, echo, NOWHERE } from "./situations.ts";
import { ARRIVALS } from "./who-answers.ts";

/*
 * Asks the real gateway, and prints what it answered as JSON. Run in a network of its own, because the
 * gateway listens at 8080 to 8082 and can't be told otherwise. Its provider, which finds functions, is the
 * stand-in's.
 */

const [program] = process.argv.slice(2);
const URL = "http://127.0.0.1:8080";

const upstream = createServer((request, response) => {
  if (request.url !== "/never") void echo(request, response);
});
await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
const functionUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
const provider = await startGateway({ functions: { f: functionUrl, refused: NOWHERE } });
const gateway = spawn(program, [], {
  env: {
    functions_provider_url: `${provider.url}/`,
    direct_functions: "false",
    basic_auth: "false",
    scale_from_zero: "false",
    read_timeout: "5s",
    write_timeout: "5s",
    upstream_timeout: "1s",
  },
  stdio: "ignore",
});

const isUp = (): Promise<boolean> =>
  fetch(`${URL}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );
try {
  const giveUpAtMs = performance.now() + 20_000;
  while (!(await isUp())) {
    if (performance.now() > giveUpAtMs) throw new Error("the gateway does not answer");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const arrivals: Record<string, string> = {};
  for (const [asked] of ARRIVALS) arrivals[asked] = await arrivalOf(`${URL}/function/f${asked}`);
  const ask = async (path: string) => answerOf(await fetch(`${URL}/function/${path}`));
  const answers = {
    "unknown function": await ask("nope"),
    "function refuses connections": await ask("refused"),
    "gateway's timeout is over": await ask("f/never"),
  };
  process.stdout.write(JSON.stringify({ arrivals, answers }));
} finally {
  gateway.kill("SIGKILL");
  await provider.close();
  upstream.closeAllConnections();
  upstream.close();
}
