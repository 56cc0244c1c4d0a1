import { MisconfiguredError } from "../../core/errors.ts";

/** Where a stream of NATS JetStream is, as POSITIONS_STREAM says it. */
export interface JetStreamAddress {
  /** `host:port`, never empty. */
  readonly servers: readonly string[];
  /** The connection must be encrypted: the address begins with `tls://`. */
  readonly isEncrypted: boolean;
  readonly streamName: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
}

const DEFAULT_PORT = 4222;
const FORM = "nats://[user:password@]host[:port][,host[:port]...]/stream";
/** It is also the first part of subjects, whose parts are separated by dots. */
const STREAM_NAME = /^[A-Za-z0-9_-]{1,128}$/;
const SERVER = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/;

/** True for an address of JetStream; any other text names a stream of Kinesis. */
export const isJetStreamAddress = (address: string): boolean => /^(nats|tls):\/\//.test(address);

/**
 * Reads `nats://host:4222/positions`: several servers of one cluster are separated by commas, `tls://`
 * insists on encryption, and `user:password@` or `token@` may stand in front. Throws MisconfiguredError that
 * says what is wrong, and never shows a password.
 */
export const parseJetStreamAddress = (address: string): JetStreamAddress => {
  const parts = /^(nats|tls):\/\/(?:([^/]*)@)?([^/@]*)\/([^/]*)$/.exec(address);
  if (!parts) throw wrong(address, `must be ${FORM}`);
  const [, scheme, credentials, hosts, streamName] = parts;
  if (!STREAM_NAME.test(streamName))
    throw wrong(address, "the stream's name must be 1 to 128 letters, digits, - and _");
  return {
    servers: hosts.split(",").map((server) => serverOf(address, server)),
    isEncrypted: scheme === "tls",
    streamName,
    ...credentialsOf(address, credentials),
  };
};

const serverOf = (address: string, server: string): string => {
  const [, host, port = String(DEFAULT_PORT)] = SERVER.exec(server) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535)
    throw wrong(address, `${JSON.stringify(server)} must be host or host:port`);
  return `${host}:${port}`;
};

const credentialsOf = (
  address: string,
  text: string | undefined,
): Pick<JetStreamAddress, "user" | "password" | "token"> => {
  if (text === undefined) return {};
  try {
    const [first, ...rest] = text.split(":");
    if (rest.length === 0) return { token: decodeURIComponent(first) };
    return { user: decodeURIComponent(first), password: decodeURIComponent(rest.join(":")) };
  } catch {
    throw wrong(address, "user and password must be percent-encoded");
  }
};

const wrong = (address: string, rule: string): MisconfiguredError =>
  new MisconfiguredError(
    `the address of a stream, ${JSON.stringify(withoutCredentials(address))}, is wrong: ${rule}`,
  );

/** For messages and logs. */
export const withoutCredentials = (address: string): string => address.replace(/\/\/.*@/, "//***@");
