import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { unless } from "../../../test/unless.ts";
import { DEFAULT_PARTS } from "../environment.ts";
import { makeSecrets, SECRET_NAMES } from "../secrets/secrets.ts";
import { GATEWAY_TIMEOUT_SECONDS } from "../stack/timeouts.ts";

const OPENFAAS = resolve(import.meta.dirname, "..");
const WITHOUT_LINUX = process.platform === "linux" ? undefined : "faasd runs on Linux";

/** The shape of faasd's own file, with a service of each kind of line that the installer touches. */
const COMPOSE = `version: "3.7"
services:

  gateway:
    image: example.com/gateway:1
    environment:
      - functions_provider_url=http://faasd-provider:8081/
      - read_timeout=60s
      - write_timeout=60s
      - upstream_timeout=65s
    ports:
       - "8080:8080"
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "faasd-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("install.sh", unless(WITHOUT_LINUX), () => {
  const install = (variables: Readonly<Record<string, string>> = {}): string =>
    execFileSync("sh", [join(folder, "openfaas/faasd/install.sh")], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH ?? "",
        FAASD_FOLDER: join(folder, "host"),
        OWNER: `${process.getuid?.()}`,
        ...variables,
      },
    });
  const compose = () => readFileSync(join(folder, "host/docker-compose.yaml"), "utf8");
  beforeEach(() => {
    cpSync(join(OPENFAAS, "faasd"), join(folder, "openfaas/faasd"), { recursive: true });
    cpSync(join(OPENFAAS, "kubernetes/nats"), join(folder, "openfaas/kubernetes/nats"), { recursive: true });
    mkdirSync(join(folder, "host"));
    writeFileSync(join(folder, "host/docker-compose.yaml"), COMPOSE);
    makeSecrets(join(folder, "openfaas/kubernetes/secrets"));
  });

  test("adds the services, once, with what they mount", () => {
    install();
    const once = compose();
    install();
    expect(compose()).toBe(once);
    const { services } = parse(once);
    expect(Object.keys(services)).toEqual([
      "gateway",
      "backtrack-nats",
      "backtrack-store",
      "backtrack-engine",
    ]);
    for (const [name, service] of Object.entries<Record<string, unknown>>(services)) {
      if (name === "gateway") continue;
      const read = ["image", "user", "command", "environment", "volumes", "depends_on", "ports"];
      expect(
        Object.keys(service).filter((field) => !read.includes(field)),
        "ignored by faasd",
      ).toEqual([]);
      for (const volume of service.volumes as { type: string; source: string }[]) {
        expect(volume.type, "faasd refuses any other").toBe("bind");
        const found = statSync(join(folder, "host", volume.source));
        // faasd would make a folder of a file whose name has no ending.
        expect(found.isFile()).toBe(/\.(sh|conf)$/.test(volume.source));
      }
    }
    for (const name of SECRET_NAMES) {
      const secret = join(folder, "host/backtrack/secrets", name);
      expect(statSync(secret).mode & 0o777).toBe(0o400);
      expect(readFileSync(secret)).toEqual(readFileSync(join(folder, "openfaas/kubernetes/secrets", name)));
    }
  });

  test("gives the gateway time for the longest call", () => {
    install();
    const seconds = Object.fromEntries(
      [...compose().matchAll(/(\w+)_timeout=(\d+)s/g)].map(([, name, text]) => [name, Number(text)]),
    );
    expect(seconds.upstream).toBeGreaterThanOrEqual(GATEWAY_TIMEOUT_SECONDS);
    expect(Math.min(seconds.read, seconds.write)).toBeGreaterThan(seconds.upstream);
    const [, provider] =
      /service_timeout=(\d+)s/.exec(readFileSync(join(OPENFAAS, "faasd/service-timeout.conf"), "utf8")) ?? [];
    expect(Number(provider)).toBeGreaterThan(seconds.upstream);
  });

  test("keeps what somebody chose, and takes the image that is named", () => {
    install();
    const sync = join(folder, "host/backtrack/sync.conf");
    writeFileSync(sync, "sync_interval: always\n");
    writeFileSync(
      join(folder, "host/docker-compose.yaml"),
      compose().replace("services:", "services:\n  mine:\n    image: example.com/mine:2\n"),
    );
    install({ IMAGE: "ghcr.io/you/backtrack-engine:9" });
    expect(readFileSync(sync, "utf8")).toBe("sync_interval: always\n");
    const { services } = parse(compose());
    expect(services.mine.image).toBe("example.com/mine:2");
    expect(services["backtrack-engine"].image).toBe("ghcr.io/you/backtrack-engine:9");
    expect(services["backtrack-store"].image).toBe("ghcr.io/you/backtrack-engine:9");
  });

  test("says what is missing, and changes nothing", () => {
    rmSync(join(folder, "openfaas/kubernetes/secrets/nats-token"));
    expect(() => install()).toThrow(/nats-token is missing: npm run openfaas -- secrets/);
    expect(compose()).toBe(COMPOSE);
    expect(() => install({ FAASD_FOLDER: join(folder, "nowhere") })).toThrow(/is faasd installed here\?/);
  });

  test("refuses a file to which services can't be appended", () => {
    writeFileSync(join(folder, "host/docker-compose.yaml"), `${COMPOSE}\nnetworks:\n  other: {}\n`);
    expect(() => install()).toThrow(/must end with its services, and ends with 'networks:'/);
    expect(compose()).toBe(`${COMPOSE}\nnetworks:\n  other: {}\n`);
  });

  test("the engine and stack.yml agree on where things are", () => {
    install();
    const { services } = parse(compose());
    const environment: string[] = services["backtrack-engine"].environment;
    expect(environment).toContain(`POSITIONS_STREAM=${DEFAULT_PARTS.positionsStream}`);
    expect(environment).toContain(`AWS_ENDPOINT_URL_DYNAMODB=${DEFAULT_PARTS.storeUrl}`);
    expect(DEFAULT_PARTS.engineUrl).toBe("http://backtrack-engine:8090");
  });
});

describe("keep-running.sh", unless(WITHOUT_LINUX), () => {
  const keepRunning = (script: string) => {
    // faasd signals every process of a container: here, of a process group.
    const child = spawn("sh", [join(OPENFAAS, "faasd/keep-running.sh"), "sh", "-c", script], {
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
      env: { PATH: process.env.PATH ?? "", RESTART_SECONDS: "0" },
    });
    const { pid } = child;
    if (pid === undefined) throw new Error("sh can't be started");
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return {
      line: async (): Promise<string> => (await lines.next()).value ?? "",
      async end() {
        const ended = once(child, "close");
        process.kill(-pid, "SIGTERM");
        return (await ended)[0];
      },
    };
  };

  test("starts the command again when it ends", async () => {
    const running = keepRunning("echo $$; exit 1");
    const processes = [await running.line(), await running.line(), await running.line()];
    expect(new Set(processes).size).toBe(3);
    expect(await running.end()).toBe(0);
  });

  test("ends when it is told to, after its command", async () => {
    const running = keepRunning("trap 'echo drained; exit 0' TERM; echo up; while :; do sleep 0.01; done");
    expect(await running.line()).toBe("up");
    expect(await running.end()).toBe(0);
    expect(await running.line()).toBe("drained");
  });
});
