import { readFileSync } from "node:fs";
import type { Authenticator, TlsOptions } from "@nats-io/transport-node";
import {
  credsAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from "@nats-io/transport-node";
import { MisconfiguredError } from "../../core/errors.ts";
import { readSecret, secretsFolder } from "../../secrets/secret-file.ts";
import type { JetStreamAddress } from "./address.ts";

/*
 * Who connects to NATS. In this order: what the address says, the variables NATS_CREDS, NATS_TOKEN, NATS_USER
 * and NATS_PASSWORD, the secrets nats-creds, nats-token, nats-user and nats-password. Secrets are files, and
 * are read again for every connection, so that a new one is used without a restart.
 */

type Variables = Readonly<Record<string, string | undefined>>;

/** The authenticator for a connection; undefined when nothing says who connects. */
export const authenticatorOf = (
  { user, password, token }: JetStreamAddress,
  variables: Variables = process.env,
): Authenticator | undefined => {
  if (user !== undefined) return usernamePasswordAuthenticator(user, password);
  if (token !== undefined) return tokenAuthenticator(token);
  const secret = (name: string): string | undefined => readSecret(secretsFolder(variables), name);
  const { NATS_CREDS: credentials, NATS_TOKEN, NATS_USER, NATS_PASSWORD } = variables;
  if (credentials) {
    const read = (): Buffer => readNamed("NATS_CREDS", credentials);
    // An error inside of an authenticator ends a connection without saying why.
    read();
    return credsAuthenticator(read);
  }
  if (NATS_TOKEN) return tokenAuthenticator(NATS_TOKEN);
  if (NATS_USER) {
    return usernamePasswordAuthenticator(NATS_USER, () => NATS_PASSWORD ?? secret("nats-password") ?? "");
  }
  if (secret("nats-creds") !== undefined) {
    // A secret has no line end, and the client wants one.
    return credsAuthenticator(() => Buffer.from(`${secret("nats-creds") ?? ""}\n`));
  }
  if (secret("nats-token") !== undefined) return tokenAuthenticator(() => secret("nats-token") ?? "");
  if (secret("nats-user") !== undefined) {
    return usernamePasswordAuthenticator(
      () => secret("nats-user") ?? "",
      () => secret("nats-password") ?? "",
    );
  }
  return undefined;
};

/**
 * How a connection is encrypted; undefined where the server decides. NATS_CA, NATS_CERTIFICATE and NATS_KEY
 * are PEM files; the secret nats-ca stands in for the first.
 */
export const tlsOf = (
  { isEncrypted }: JetStreamAddress,
  variables: Variables = process.env,
): TlsOptions | undefined => {
  const { NATS_CA, NATS_CERTIFICATE, NATS_KEY } = variables;
  const ca = NATS_CA
    ? readNamed("NATS_CA", NATS_CA).toString()
    : readSecret(secretsFolder(variables), "nats-ca");
  if (!isEncrypted && ca === undefined && !NATS_CERTIFICATE) return undefined;
  return {
    ...(ca !== undefined && { ca }),
    ...(NATS_CERTIFICATE && { certFile: NATS_CERTIFICATE }),
    ...(NATS_KEY && { keyFile: NATS_KEY }),
  };
};

const readNamed = (variable: string, path: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new MisconfiguredError(`${variable} names ${path}, which can't be read: ${code ?? message}`, {
      cause: error,
    });
  }
};
