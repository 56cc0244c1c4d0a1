import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SECRET_NAMES } from "../../infra/openfaas/secrets/secrets.ts";
import { HEALTH_PATH } from "../../infra/store/embedded/server.ts";
import { ROOT } from "../stack-process.ts";
import { unless } from "../unless.ts";
import { type CarriedOut, carryOut, removeTree } from "./carry-out-dockerfile.ts";
import { freePort } from "./free-port.ts";
import { runImage, WITHOUT_RIGHTS } from "./run-image.ts";

/* The image of engine and store, its Dockerfile's steps carried out in a folder. */

const DOCKERFILE = join(ROOT, "infra/openfaas/images/engine.Dockerfile");

/** What `npm ci --omit=dev --omit=optional` installs, out of what is installed here. */
const installProduction = (into: string): void => {
  const { packages } = JSON.parse(readFileSync(join(into, "package-lock.json"), "utf8")) as {
    packages: Record<string, { dev?: boolean; optional?: boolean; devOptional?: boolean }>;
  };
  for (const [path, { dev, optional, devOptional }] of Object.entries(packages)) {
    if (path === "" || dev || optional || devOptional || !existsSync(join(ROOT, path))) continue;
    mkdirSync(join(into, path), { recursive: true });
    // Nested packages have entries of their own.
    const copyAll = 'tar -C "$0" --exclude=./node_modules -cf - . | tar -C "$1" -xf -';
    execFileSync("sh", ["-c", copyAll, join(ROOT, path), join(into, path)]);
  }
};

describe("the image of engine and store", unless(WITHOUT_RIGHTS), () => {
  let folder: string;
  let image: CarriedOut;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "backtrack-engine-image-"));
    execFileSync("chmod", ["a+rx", folder]);
    image = carryOut({
      dockerfile: DOCKERFILE,
      context: ROOT,
      ignored: readFileSync(`${DOCKERFILE}.dockerignore`, "utf8").split("\n"),
      into: folder,
      run: ([program, ...rest], root, at) => {
        if (program === "npm") installProduction(at);
        else if (program === "mkdir") mkdirSync(join(root, rest[0]));
        else throw new Error(`${program} is not carried out here`);
      },
    });
  });
  afterAll(() => removeTree(folder));

  const start = (...args: string[]) => {
    const [, ...program] = image.command.slice(0, 2);
    const options = { cwd: join(image.root, image.workingFolder), encoding: "utf8" } as const;
    return spawnSync(process.execPath, [...program, ...args], options);
  };

  test("holds both programs, without what only developers need", () => {
    expect(image).toMatchObject({
      user: "10001:10001",
      command: ["node", "infra/openfaas/images/main.ts", "engine"],
    });
    expect(existsSync(join(image.root, "srv/backtrack/node_modules/typescript"))).toBe(false);
    expect(existsSync(join(image.root, "srv/backtrack/infra/aws"))).toBe(false);
    expect(start("engine", "--help")).toMatchObject({
      stderr: "",
      status: 0,
      stdout: expect.stringContaining("backtrack-engine"),
    });
    expect(start("store", "--help")).toMatchObject({ status: 0, stdout: expect.stringContaining("serve") });
    expect(start("bridge")).toMatchObject({
      status: 2,
      stderr: "backtrack: there is no program bridge; the programs are: engine, store\n",
    });
  });

  test("runs store and engine as a user without rights, who writes into the store's folder alone", async () => {
    const data = join(folder, "data");
    mkdirSync(data);
    execFileSync("chown", ["10001:10001", data]);
    const secrets = join(folder, "secrets");
    mkdirSync(secrets);
    for (const name of SECRET_NAMES)
      writeFileSync(join(secrets, name), "abcdefghijklmnopqrstuvwxyzabcdefghijklmn");
    const [port, enginePort, operationsPort] = [await freePort(), await freePort(), await freePort()];
    const of = (program: string) => ({ ...image, command: [...image.command.slice(0, 2), program] });
    const store = await runImage(
      of("store"),
      { STORE_DATA: data, STORE_PORT: `${port}`, STORE_HOST: "127.0.0.1", SECRETS_FOLDER: secrets },
      { ready: /listens at/ },
    );
    const engine = await runImage(
      of("engine"),
      {
        AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}`,
        ENGINE_HOST: "127.0.0.1",
        ENGINE_PORT: `${enginePort}`,
        ENGINE_OPERATIONS_PORT: `${operationsPort}`,
        ENGINE_ROLES: "workflows,schedules",
        ENGINE_DRAIN_SECONDS: "0",
        FUNCTIONS_URL: "http://127.0.0.1:1",
        SECRETS_FOLDER: secrets,
      },
      { ready: /\n/ },
    );
    try {
      expect((await fetch(`http://127.0.0.1:${port}${HEALTH_PATH}`)).status).toBe(200);
      // Whoever has no access key gets nothing else.
      expect((await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "{}" })).status).toBe(403);
      const isReady = () =>
        fetch(`http://127.0.0.1:${operationsPort}/readyz`).then(
          async (answer) => `${answer.status} ${await answer.text()} ${engine.log()}`,
          (error) => error,
        );
      await expect.poll(isReady, { timeout: 60_000 }).toMatch(/^200 /);
    } finally {
      expect(await engine.stop()).toBe(0);
      expect(await store.stop()).toBe(0);
    }
    expect(existsSync(join(data, "dynamodb"))).toBe(true);
  });
});
