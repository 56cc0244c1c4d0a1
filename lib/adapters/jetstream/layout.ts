import type { PubAck } from "@nats-io/jetstream";
import type { ConnectedJetStream, JetStreamConnection } from "./connection.ts";
import { answerUnlessLost } from "./lost.ts";
import { describePositionsStream } from "./positions-stream.ts";

/**
 * What a publisher remembers of its stream: the number of partitions, which is asked for once in every
 * connection. It is asked for again when the stream's sequence numbers have gone back, because then the
 * stream was made anew, perhaps with another number.
 */
export class StreamLayout {
  readonly #jetstream: JetStreamConnection;
  #asked: { readonly over: AbortSignal; readonly partitionCount: Promise<number> } | undefined;
  #highestSequence = 0;

  constructor(jetstream: JetStreamConnection) {
    this.#jetstream = jetstream;
  }

  partitionCount({ lost }: ConnectedJetStream): Promise<number> {
    if (this.#asked?.over !== lost) {
      const described = describePositionsStream(this.#jetstream);
      const partitionCount = answerUnlessLost(lost, described).then((stream) => stream.partitionCount);
      const asked = { over: lost, partitionCount };
      partitionCount.catch(() => {
        if (this.#asked === asked) this.forget();
      });
      this.#asked = asked;
    }
    return this.#asked.partitionCount;
  }

  /** The highest sequence number that was confirmed: what is sent from now on gets a higher one. */
  get highestSequence(): number {
    return this.#highestSequence;
  }

  /** Takes notice of an answer to what was sent when `highestBefore` was the highest sequence number. */
  confirm({ seq, duplicate }: PubAck, highestBefore: number): void {
    if (duplicate) return;
    if (seq > highestBefore) {
      this.#highestSequence = Math.max(this.#highestSequence, seq);
    } else {
      this.forget();
      this.#highestSequence = seq;
    }
  }

  forget(): void {
    this.#asked = undefined;
  }
}
