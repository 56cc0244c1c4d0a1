import { createInbox, type Msg, type NatsConnection, type Subscription } from "@nats-io/transport-node";

/** One message as a consumer of JetStream delivers it. */
export interface Delivered {
  readonly message: Msg;
  /** Of the stream, decimal. */
  readonly sequenceNumber: string;
  /** Counts what this consumer was sent, from 1: a gap means that something was lost on the way. */
  readonly consumerSequence: number;
  readonly storedAtMs: number;
  /** How many the stream holds behind this one, for this consumer. */
  readonly pending: number;
}

export interface PullRequest {
  readonly stream: string;
  readonly consumer: string;
  readonly batch: number;
  readonly maximumBytes: number;
  /** How long the server is to wait for the first one; 0: it gives what it has. */
  readonly waitMilliseconds: number;
  readonly signals: readonly AbortSignal[];
}

/**
 * The server has forgotten the consumer, as it does when it is restarted or was not asked for a while. NATS
 * 2.9 does not answer then.
 */
export class NoSuchConsumerError extends Error {
  override readonly name = "NoSuchConsumerError";
}

/** A server that is there answers within this. */
const ANSWER_MILLISECONDS = 3_000;
const NANOSECONDS_PER_MILLISECOND = 1e6;

/**
 * Asks for a consumer's next messages and collects them until there are enough or the server says that it has
 * no more; before that it would send to somebody who has gone. Rejects
 * when it does not answer, or when a signal aborts: what was on its way is lost then, and the consumer of
 * no more use.
 *
 * The client library's own `fetch` waits for at least a second and can't ask for what is there already.
 */
export const pull = (
  connection: NatsConnection,
  { stream, consumer, batch, maximumBytes, waitMilliseconds, signals }: PullRequest,
): Promise<Delivered[]> =>
  new Promise((resolve, reject) => {
    const delivered: Delivered[] = [];
    const inbox = createInbox();
    let subscription: Subscription | undefined;
    const end = (settle: () => void): void => {
      subscription?.unsubscribe();
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener("abort", aborted);
      settle();
    };
    const fail = (error: unknown): void => end(() => reject(error));
    const aborted = (): void => fail(signals.find((signal) => signal.aborted)?.reason);
    const late = (): void =>
      fail(new NoSuchConsumerError(`consumer ${consumer} of stream ${stream} is silent`));
    let timer = setTimeout(late, waitMilliseconds + ANSWER_MILLISECONDS);

    const take = (message: Msg): void => {
      const status = statusOf(message);
      if (status === 503) fail(new NoSuchConsumerError(`stream ${stream} has forgotten ${consumer}`));
      else if (status !== undefined) end(() => resolve(delivered));
      else {
        delivered.push(deliveredOf(message));
        clearTimeout(timer);
        timer = setTimeout(late, ANSWER_MILLISECONDS);
        if (delivered.length === batch) end(() => resolve(delivered));
      }
    };
    const receive = (error: Error | null, message: Msg): void => {
      try {
        if (error) throw error;
        take(message);
      } catch (reason) {
        fail(reason);
      }
    };
    try {
      for (const signal of signals) {
        signal.throwIfAborted();
        signal.addEventListener("abort", aborted);
      }
      subscription = connection.subscribe(inbox, { callback: receive });
      const wait =
        waitMilliseconds > 0
          ? { expires: waitMilliseconds * NANOSECONDS_PER_MILLISECOND }
          : { no_wait: true };
      const request = JSON.stringify({ batch, max_bytes: maximumBytes, ...wait });
      connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, request, { reply: inbox });
    } catch (error) {
      fail(error);
    }
  });

/** Of a message in which the server says how a pull goes on; a record has none. */
const statusOf = ({ headers, reply }: Msg): number | undefined =>
  reply === undefined || reply === "" ? (headers?.code ?? 0) : undefined;

/*
 * $JS.ACK.<stream>.<consumer>.<deliveries>.<stream sequence>.<consumer sequence>.<nanoseconds>.<pending>, or
 * with domain and account in front of the stream and a token at the end.
 */
const deliveredOf = (message: Msg): Delivered => {
  const tokens = (message.reply ?? "").split(".");
  const numbers = tokens.length === 9 ? tokens.slice(5) : tokens.slice(7, 11);
  const [sequenceNumber, consumerSequence, nanoseconds, pending] = numbers;
  if (tokens[1] !== "ACK" || pending === undefined) {
    throw new Error(`a record of ${message.subject} came with "${message.reply}" for its place`);
  }
  return {
    message,
    sequenceNumber,
    consumerSequence: Number(consumerSequence),
    storedAtMs: Number(BigInt(nanoseconds) / BigInt(NANOSECONDS_PER_MILLISECOND)),
    pending: Number(pending),
  };
};
