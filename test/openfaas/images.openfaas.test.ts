import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { INVOKE_TOKEN_SECRET } from "../../hosts/openfaas/invocation.ts";
import { bundleGroups } from "../../infra/openfaas/bundle.ts";
import { withValues } from "../../infra/openfaas/stack/placeholders.ts";
import { STACK_FILE, stackYaml } from "../../infra/openfaas/stack/stack-file.ts";
import { programOnPath } from "../program.ts";
import { ROOT } from "../stack-process.ts";
import { unless } from "../unless.ts";
import { startCaddy, WITHOUT_CADDY } from "./caddy.ts";
import { carryOut, removeTree } from "./carry-out-dockerfile.ts";
import { faasCli, WITHOUT_FAAS_CLI } from "./faas-cli.ts";
import { freePort } from "./free-port.ts";
import { startGateway } from "./gateway.ts";
import { checkHealth, type RunningImage, runImage, WITHOUT_RIGHTS } from "./run-image.ts";

/*
 * The images, as far as they can be had without Docker: the steps of their Dockerfiles carried out in a
 * folder, and their processes run there with a read-only root and as a user without rights.
 */

const WATCHDOG = programOnPath("of-watchdog");
const WITHOUT_WATCHDOG = WATCHDOG === undefined ? "of-watchdog is not on PATH" : undefined;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "backtrack-images-"));
  execFileSync("chmod", ["a+rx", folder]);
});
afterAll(() => removeTree(folder));

/** A folder of secrets as OpenFaaS mounts them. */
const secretsFolder = (): string => {
  const secrets = mkdtempSync(join(folder, "secrets-"));
  execFileSync("chmod", ["a+rx", secrets]);
  for (const [name, text] of Object.entries({
    [INVOKE_TOKEN_SECRET]: "a-token-of-the-test-that-is-long-enough-0123456789",
    "backtrack-access-key-id": "test",
    "backtrack-secret-access-key": "test",
    "nats-token": "test",
  })) {
    writeFileSync(join(secrets, name), text, { mode: 0o444 });
  }
  return secrets;
};

describe("the image of a function", unless(WITHOUT_RIGHTS), () => {
  const group = "backtrack";
  let context: string;
  beforeAll(async () => {
    const handlers = join(folder, "handlers");
    await bundleGroups({ outdir: handlers, names: [group] });
    context = WITHOUT_FAAS_CLI === undefined ? shrinkwrapped(handlers) : putTogether(handlers);
  });

  const shrinkwrapped = (handlers: string): string => {
    const cli = faasCli(handlers);
    expect(cli.run("build", "--shrinkwrap", "-f", STACK_FILE, "--filter", group).code).toBe(0);
    return join(cli.folder, "build", group);
  };
  /** As faas-cli does it, where there is none. */
  const putTogether = (handlers: string): string => {
    const made = join(folder, "context");
    cpSync(join(ROOT, "template/backtrack-node"), made, { recursive: true });
    cpSync(join(handlers, group), join(made, "function"), { recursive: true });
    return made;
  };
  const build = (name: string, SERVER: string, stages = {}) =>
    carryOut({
      dockerfile: join(context, "Dockerfile"),
      context,
      buildArguments: { SERVER },
      stages,
      into: join(folder, name),
    });
  const environment = () => ({
    ...parse(withValues(stackYaml())).functions[group].environment,
    SECRETS_FOLDER: secretsFolder(),
  });

  const check = async (image: ReturnType<typeof build>, running: RunningImage, port: number) => {
    const api = `http://127.0.0.1:${port}`;
    const answers = await Promise.all(
      ["/openapi.json", "/_/ready", "/no-such-path", "/devices"].map(async (path) => {
        const answer = await fetch(`${api}${path}`);
        await answer.arrayBuffer();
        return answer.status;
      }),
    );
    // 401: keys are required, and the store, which isn't there, isn't asked without one.
    expect(answers).toEqual([200, 200, 404, 401]);
    expect(await checkHealth(image, port)).toBe(0);
    const status = readFileSync(`/proc/${running.processId}/status`, "utf8");
    expect(status).toMatch(/^CapEff:\s+0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
  };

  test.each(["10001:10001", "1000650000:0"])("serves as the user %s, and writes nowhere", async (user) => {
    const image = build(`node-${user.replace(":", "-")}`, "node");
    expect(readdirSync(join(image.root, "srv/function")).toSorted()).toEqual([
      "index.js",
      "index.js.LEGAL.txt",
      "package.json",
    ]);
    expect(image).toMatchObject({ user: "10001:10001", command: ["node", "index.js"] });
    const port = await freePort();
    const running = await runImage(
      image,
      { ...environment(), PORT: `${port}`, DRAIN_SECONDS: "0" },
      { user, ready: /"ready"/ },
    );
    await check(image, running, port);
    expect(readFileSync(`/proc/${running.processId}/status`, "utf8")).toMatch(
      new RegExp(`^Uid:\\s+${user.split(":")[0]}\\s`, "m"),
    );
    expect(await running.stop()).toBe(0);
    expect(await checkHealth(image, port)).toBe(1);
    expect(existsSync(join(image.root, "srv/function/core"))).toBe(false);
  });

  test("behind the proxy answers to the path that was asked for", unless(WITHOUT_CADDY), async () => {
    const image = build("proxied", "node");
    const port = await freePort();
    const running = await runImage(
      image,
      { ...environment(), PORT: `${port}`, DRAIN_SECONDS: "0" },
      { ready: /"ready"/ },
    );
    const gateway = await startGateway({ functions: { [group]: `http://127.0.0.1:${port}` } });
    const caddy = await startCaddy({ UPSTREAM: new URL(gateway.url).host });
    const status = async (url: string) => (await fetch(url)).status;
    try {
      // Decoded by the gateway it is another path, which there is not; by itself it asks for a key.
      expect(await status(`${gateway.url}/function/${group}/devices/a%2Fb`)).toBe(404);
      expect(await status(`http://127.0.0.1:${caddy.port}/devices/a%2Fb`)).toBe(401);
      expect(await status(`http://127.0.0.1:${caddy.port}/devices/a/b`)).toBe(404);
    } finally {
      await caddy.close();
      await gateway.close();
      await running.stop();
    }
  });

  test("serves behind of-watchdog as well", unless(WITHOUT_WATCHDOG), async () => {
    const image = build("of-watchdog", "of-watchdog", { watchdog: { "/fwatchdog": WATCHDOG ?? "" } });
    expect(image.command).toEqual(["fwatchdog"]);
    const [port, inner, metrics] = [await freePort(), await freePort(), await freePort()];
    const running = await runImage(
      image,
      {
        ...environment(),
        PORT: `${inner}`,
        port: `${port}`,
        upstream_url: `http://127.0.0.1:${inner}`,
        metrics_port: `${metrics}`,
        healthcheck_interval: "1s",
        DRAIN_SECONDS: "0",
      },
      { ready: /"ready"/ },
    );
    await check(image, running, port);
    expect(await running.stop()).toBe(0);
  });
});
