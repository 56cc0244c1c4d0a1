import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { UnavailableError } from "../../core/errors.ts";
import { parseJetStreamAddress, withoutCredentials } from "./address.ts";
import { authenticatorOf, tlsOf } from "./credentials.ts";
import { natsAnswerTo } from "./errors.ts";

const CONNECT_TIMEOUT_MS = 2_000;
const RECONNECT_WAIT_MS = 250;
/** A peer that vanished without a word is noticed after two of these. */
const PING_INTERVAL_MS = 10_000;

/** A connection that is up, and what speaks over it. */
export interface ConnectedJetStream {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  /** Aborts when this connection breaks: no answer will come to what was asked over it. */
  readonly lost: AbortSignal;
}

/** The connection to the server of a stream: opened when it is first needed, and again for ever. */
export interface JetStreamConnection {
  readonly streamName: string;
  /** The address without its credentials, for messages. */
  readonly shownAddress: string;
  /**
   * Rejects at once with UnavailableError while the server is away, and with MisconfiguredError when it lets
   * nobody in with these credentials; ask again later.
   */
  connected(): Promise<ConnectedJetStream>;
  /** Ends it; what is asked afterwards opens it again. */
  close(): Promise<void>;
}

/** A connection of its own. Throws MisconfiguredError when the address is wrong; connects to nothing yet. */
export const openJetStream = (
  address: string,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): JetStreamConnection => {
  const parsed = parseJetStreamAddress(address);
  const shownAddress = withoutCredentials(address);
  let opening: Promise<Session> | undefined;

  const open = async (): Promise<Session> => {
    const tls = tlsOf(parsed, variables);
    const options = {
      servers: [...parsed.servers],
      name: "backtrack",
      authenticator: authenticatorOf(parsed, variables),
      ...(tls && { tls }),
      timeout: CONNECT_TIMEOUT_MS,
      pingInterval: PING_INTERVAL_MS,
      maxPingOut: 2,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_WAIT_MS,
      // Credentials may be replaced while it is away, and are read again.
      ignoreAuthErrorAbort: true,
    };
    const connection = await natsAnswerTo(`connect to ${shownAddress}`, connect(options));
    return sessionOf(connection);
  };

  const session = async (): Promise<Session> => {
    opening ??= open();
    const mine = opening;
    try {
      const found = await mine;
      if (!found.connection.isClosed()) return found;
    } catch (error) {
      if (opening === mine) opening = undefined;
      throw error;
    }
    // Only an error in its own code, or a credentials file that is gone, ends a connection for good.
    if (opening === mine) opening = undefined;
    return session();
  };

  return {
    streamName: parsed.streamName,
    shownAddress,
    async connected() {
      const { connection, client, manager, current } = await session();
      const lost = current();
      if (lost.aborted) throw new UnavailableError(`the connection to ${shownAddress} is down`);
      return { connection, client, manager, lost };
    },
    async close() {
      const closing = opening;
      opening = undefined;
      const found = await closing?.catch(() => undefined);
      await found?.connection.close();
    },
  };
};

interface Session {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  /** Of the connection as it is now: aborted while it is broken. */
  current(): AbortSignal;
}

const sessionOf = async (connection: NatsConnection): Promise<Session> => {
  let controller = new AbortController();
  const follow = async (): Promise<void> => {
    for await (const { type } of connection.status()) {
      if (type === "disconnect" || type === "close") controller.abort("the connection broke");
      if (type === "reconnect") controller = new AbortController();
    }
  };
  void follow();
  // Asking first whether JetStream is on costs a request, and the next one says so as well.
  const manager = await jetstreamManager(connection, { checkAPI: false });
  return { connection, client: jetstream(connection), manager, current: () => controller.signal };
};

const shared = new Map<string, JetStreamConnection>();

/** The one connection of this process to an address. */
export const sharedJetStream = (address: string): JetStreamConnection => {
  const connection = shared.get(address) ?? openJetStream(address);
  shared.set(address, connection);
  return connection;
};
