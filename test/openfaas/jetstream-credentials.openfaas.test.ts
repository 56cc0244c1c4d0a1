import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type JetStreamConnection, openJetStream } from "../../lib/adapters/jetstream/connection.ts";
import {
  describePositionsStream,
  openPositionsStream,
} from "../../lib/adapters/jetstream/positions-stream.ts";
import { MisconfiguredError, UnavailableError } from "../../lib/core/errors.ts";
import { type NatsServer, startNatsServer, WITHOUT_NATS } from "../nats-server.ts";
import { programOnPath } from "../program.ts";
import { unless } from "../unless.ts";
import { natsAccounts } from "./nats-accounts.ts";

const WITHOUT_OPENSSL =
  WITHOUT_NATS ?? (programOnPath("openssl") ? undefined : "openssl is not on PATH, which makes certificates");

describe("credentials for NATS", unless(WITHOUT_NATS), () => {
  let folder: string;
  const cleanUps: (() => Promise<void>)[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "backtrack-secrets-"));
  });
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
    rmSync(folder, { recursive: true });
  });

  const put = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const serverWith = async (configuration: string): Promise<NatsServer> => {
    const server = await startNatsServer({ configuration });
    cleanUps.push(() => server.close());
    return server;
  };
  const open = (address: string, variables: Record<string, string> = {}): JetStreamConnection => {
    const connection = openJetStream(address, { SECRETS_FOLDER: folder, ...variables });
    cleanUps.push(() => connection.close());
    return connection;
  };

  it("are a token from the secrets' folder, used as soon as it is right", async () => {
    const server = await serverWith("authorization { token: s3cret }");
    const jetstream = open(server.address());
    await expect(openPositionsStream(jetstream)).rejects.toBeInstanceOf(MisconfiguredError);
    put("nats-token", "wrong");
    await expect(openPositionsStream(jetstream)).rejects.toBeInstanceOf(MisconfiguredError);
    put("nats-token", "s3cret\n");
    expect((await openPositionsStream(jetstream)).partitionCount).toBe(4);
  });

  it("are replaced without a restart, when the server has new ones", async () => {
    put("authorization.conf", "authorization { token: old }");
    const secret = put("nats-token", "old");
    const server = await serverWith(`include "../${basename(folder)}/authorization.conf"`);
    const jetstream = open(server.address());
    await openPositionsStream(jetstream);
    put("authorization.conf", "authorization { token: new }");
    await server.kill();
    await server.restart();
    const isThere = () =>
      describePositionsStream(jetstream).then(
        () => true,
        (error: unknown) => !(error instanceof UnavailableError),
      );
    await vi.waitFor(async () => expect(await isThere()).toBe(false));
    writeFileSync(secret, "new");
    await vi.waitFor(async () => expect(await isThere()).toBe(true), { timeout: 10_000 });
  });

  it.each(["a variable", "a secret"])("are a credentials file that %s names", async (where) => {
    const accounts = natsAccounts();
    const server = await serverWith(accounts.configuration);
    const path = put("nats-creds", accounts.makeUser());
    const variables = where === "a variable" ? { NATS_CREDS: path, SECRETS_FOLDER: "/nowhere" } : undefined;
    expect((await openPositionsStream(open(server.address(), variables))).partitionCount).toBe(4);
    const stranger = open(server.address(), { NATS_CREDS: put("other", natsAccounts().makeUser()) });
    await expect(openPositionsStream(stranger)).rejects.toBeInstanceOf(MisconfiguredError);
    const rubbish = openPositionsStream(open(server.address(), { NATS_CREDS: put("rubbish", "rubbish") }));
    await expect(rubbish).rejects.toBeInstanceOf(MisconfiguredError);
    const missing = openPositionsStream(open(server.address(), { NATS_CREDS: join(folder, "nowhere") }));
    await expect(missing).rejects.toThrow(/NATS_CREDS names .*nowhere.*ENOENT/);
  });

  it(
    "are encrypted with tls://, for a server whose certificate is known",
    unless(WITHOUT_OPENSSL),
    async () => {
      const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
      execFileSync(
        "openssl",
        [
          ...[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
          ],
          ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
          ...["-keyout", key, "-out", certificate],
        ],
        { stdio: "ignore" },
      );
      const server = await serverWith(`tls { cert_file: "${certificate}", key_file: "${key}" }`);
      const address = server.address().replace("nats://127.0.0.1", "tls://localhost");
      const opened = await openPositionsStream(open(address, { NATS_CA: certificate }));
      expect(opened.partitionCount).toBe(4);
      await expect(openPositionsStream(open(address))).rejects.toBeInstanceOf(MisconfiguredError);
      const plain = await serverWith("");
      const unencrypted = openPositionsStream(open(plain.address().replace("nats:", "tls:")));
      await expect(unencrypted).rejects.toBeInstanceOf(MisconfiguredError);
    },
  );
});
