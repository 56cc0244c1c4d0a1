import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { makeSecrets } from "../../infra/openfaas/secrets/secrets.ts";
import { openJetStream } from "../../lib/adapters/jetstream/connection.ts";
import { openPositionsStream } from "../../lib/adapters/jetstream/positions-stream.ts";
import { MisconfiguredError } from "../../lib/core/errors.ts";
import { watchChild } from "../children.ts";
import { WITHOUT_NATS } from "../nats-server.ts";
import { ROOT } from "../stack-process.ts";
import { unless } from "../unless.ts";

const KUBERNETES = join(ROOT, "infra/openfaas/kubernetes");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nats-configuration-"));
  cpSync(join(KUBERNETES, "nats"), folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the configuration of NATS that manifests and faasd mount", unless(WITHOUT_NATS), () => {
  const read = () => execFileSync("nats-server", ["-t", "-c", join(folder, "nats.conf")], { stdio: "pipe" });

  test("nats-server reads it", () => {
    expect(read).not.toThrow();
  });

  test("the component that syncs always is read too, but not by servers before 2.10", () => {
    const version = execFileSync("nats-server", ["--version"], { encoding: "utf8" });
    const [, major, minor] = (/v?(\d+)\.(\d+)\./.exec(version) ?? []).map(Number);
    cpSync(join(KUBERNETES, "components/sync-always/sync.conf"), join(folder, "sync.conf"));
    if (major > 2 || minor >= 10) expect(read).not.toThrow();
    else expect(read).toThrow(/sync_interval/);
  });

  test("as the pod starts it, it lets in who has the token, and takes the largest record", async () => {
    const [, deployment] = readFileSync(join(KUBERNETES, "core/nats.yaml"), "utf8").split(/^---\n/m);
    const [command, ...options] = parse(deployment).spec.template.spec.containers[0].command;
    makeSecrets(join(folder, "secrets"));
    const path = join(folder, "nats.conf");
    writeFileSync(
      path,
      readFileSync(path, "utf8")
        .replace("store_dir: /data", `store_dir: "${folder}/data"`)
        .replace("http_port: 8222", "")
        .replace("port: 4222", 'listen: "127.0.0.1:-1"'),
    );
    const [script] = parse(deployment).spec.template.spec.containers[0].args;
    const here = script
      .replace("/etc/nats/nats.conf", path)
      .replace("/var/openfaas/secrets", join(folder, "secrets"));
    expect([command, ...options]).toEqual(["/bin/sh", "-c"]);
    const child = spawn(command, [...options, here], { stdio: ["ignore", "ignore", "pipe"] });
    watchChild(child);
    try {
      const port = await portOf(child.stderr);
      const token = readFileSync(join(folder, "secrets/nats-token"), "utf8");
      const known = openJetStream(`nats://${token}@127.0.0.1:${port}/positions`);
      try {
        expect(await openPositionsStream(known)).toMatchObject({ partitionCount: 4 });
      } finally {
        await known.close();
      }
      const stranger = openJetStream(`nats://wrong@127.0.0.1:${port}/positions`);
      await expect(openPositionsStream(stranger)).rejects.toThrow(MisconfiguredError);
      await stranger.close();
    } finally {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    }
  });
});

const portOf = async (log: NodeJS.ReadableStream): Promise<number> => {
  let port = 0;
  for await (const line of createInterface({ input: log })) {
    port = Number(/Listening for client connections on .*:(\d+)/.exec(line)?.[1] ?? port);
    if (!line.includes("Server is ready")) continue;
    log.resume();
    return port;
  }
  throw new Error("nats-server ended");
};
