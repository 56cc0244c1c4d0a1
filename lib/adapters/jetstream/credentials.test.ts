import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseJetStreamAddress } from "./address.ts";
import { authenticatorOf, tlsOf } from "./credentials.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "backtrack-secrets-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const PLAIN = parseJetStreamAddress("nats://nats/positions");
const authOf = (variables: Record<string, string> = {}, address = PLAIN) =>
  authenticatorOf(address, { SECRETS_FOLDER: folder, ...variables })?.("nonce");

describe("who connects", () => {
  it("is nobody when nothing says so", () => {
    expect(authOf()).toBeUndefined();
  });

  it("is who the address names, before all others", () => {
    put("nats-token", "of the secret");
    const variables = { NATS_TOKEN: "of the variable" };
    const user = parseJetStreamAddress("nats://fleet:pass@nats/positions");
    expect(authOf(variables, user)).toEqual({ user: "fleet", pass: "pass" });
    const token = parseJetStreamAddress("nats://of-the-address@nats/positions");
    expect(authOf(variables, token)).toEqual({ auth_token: "of-the-address" });
    expect(authOf(variables)).toEqual({ auth_token: "of the variable" });
    expect(authOf()).toEqual({ auth_token: "of the secret" });
  });

  it("may have the name in a variable and the password in a secret", () => {
    put("nats-password", "s3cret\n");
    expect(authOf({ NATS_USER: "fleet" })).toEqual({ user: "fleet", pass: "s3cret" });
    put("nats-user", "other");
    expect(authOf()).toEqual({ user: "other", pass: "s3cret" });
  });

  it("changes with its secret, for the next connection", () => {
    put("nats-token", "old");
    const authenticator = authenticatorOf(PLAIN, { SECRETS_FOLDER: folder });
    expect(authenticator?.()).toEqual({ auth_token: "old" });
    put("nats-token", "new");
    expect(authenticator?.()).toEqual({ auth_token: "new" });
  });
});

describe("encryption", () => {
  it("is the server's choice with nats://, and must be with tls:// or a certificate", () => {
    const variables = { SECRETS_FOLDER: folder };
    expect(tlsOf(PLAIN, variables)).toBeUndefined();
    expect(tlsOf(parseJetStreamAddress("tls://nats/positions"), variables)).toEqual({});
    put("nats-ca", "-----BEGIN CERTIFICATE-----");
    expect(tlsOf(PLAIN, variables)).toEqual({ ca: "-----BEGIN CERTIFICATE-----" });
    const NATS_CA = put("ca.pem", "of the file");
    expect(tlsOf(PLAIN, { ...variables, NATS_CA, NATS_CERTIFICATE: "c.pem", NATS_KEY: "k.pem" })).toEqual({
      ca: "of the file",
      certFile: "c.pem",
      keyFile: "k.pem",
    });
  });

  it("names the file that is missing", () => {
    expect(() => tlsOf(PLAIN, { NATS_CA: join(folder, "nowhere.pem") })).toThrow(/NATS_CA.*nowhere\.pem/);
  });
});
