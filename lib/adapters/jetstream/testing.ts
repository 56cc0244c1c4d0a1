import type { PubAck, StreamInfo } from "@nats-io/jetstream";
import { errors, type MsgHdrs } from "@nats-io/transport-node";
import { ThrottledError, UnavailableError } from "../../core/errors.ts";
import type { ConnectedJetStream, JetStreamConnection } from "./connection.ts";
import { partitionKeyOfHeaders, subjectsOf } from "./record.ts";

/** What may go wrong with one message. */
export type MessageFault =
  | "none"
  /** It never arrives. */
  | "lost"
  /** It is stored, and nobody hears of it. */
  | "answer-lost"
  /** It arrives after what was sent later. */
  | "late"
  | "full"
  /** The connection breaks; what is under way is lost. */
  | "cut"
  /** The connection breaks after it was stored. */
  | "cut-after";

export interface StoredMessage {
  readonly subject: string;
  readonly partitionKey: string;
  readonly text: string;
}

/**
 * As much of a stream in JetStream as a publisher meets, with faults: it knows message ids, as JetStream
 * does.
 */
export class FaultyJetStream implements JetStreamConnection {
  readonly streamName = "positions";
  readonly shownAddress = "nats://memory/positions";
  readonly stored: StoredMessage[] = [];
  readonly #nextFault: () => MessageFault;
  readonly #ids = new Map<string, number>();
  #late: (() => void)[] = [];
  #lost = new AbortController();
  #isDown = false;
  partitionCount: number;

  constructor(nextFault: () => MessageFault, partitionCount = 3) {
    this.#nextFault = nextFault;
    this.partitionCount = partitionCount;
  }

  async connected(): Promise<ConnectedJetStream> {
    if (this.#isDown) {
      this.#isDown = false;
      throw new UnavailableError("the connection is down");
    }
    const { signal } = this.#lost;
    const client = { publish: this.#publish };
    const manager = { streams: { info: async () => this.#info() } };
    return { client, manager, connection: {}, lost: signal } as unknown as ConnectedJetStream;
  }

  async close(): Promise<void> {}

  /** All that was late arrives. */
  settle(): void {
    for (const arrive of this.#late.splice(0)) arrive();
  }

  readonly #publish = async (
    subject: string,
    data: Uint8Array,
    { headers }: { readonly headers: MsgHdrs },
  ): Promise<PubAck> => {
    const fault = this.#nextFault();
    const store = (): PubAck => {
      const id = headers.get("Nats-Msg-Id");
      const known = this.#ids.get(id);
      const seq = known ?? this.stored.length + 1;
      if (known === undefined) {
        const text = new TextDecoder().decode(data);
        this.stored.push({ subject, partitionKey: partitionKeyOfHeaders(headers), text });
        this.#ids.set(id, seq);
      }
      return { stream: this.streamName, seq, duplicate: known !== undefined } as PubAck;
    };
    await undefined;
    if (fault === "none") return store();
    if (fault === "full") throw new ThrottledError("maximum bytes exceeded");
    if (fault === "late") this.#late.push(store);
    else if (this.#late.length > 0) this.#late.shift()?.();
    if (fault === "answer-lost" || fault === "cut-after") store();
    if (fault === "cut" || fault === "cut-after") {
      this.#isDown = true;
      this.#lost.abort();
      this.#lost = new AbortController();
    }
    throw new errors.TimeoutError();
  };

  #info(): StreamInfo {
    const subjects = subjectsOf(this.streamName, this.partitionCount);
    const config = { name: this.streamName, subjects, retention: "limits", discard: "new", storage: "file" };
    return { config, created: "2026-11-20T12:00:00.123456789Z" } as unknown as StreamInfo;
  }
}
