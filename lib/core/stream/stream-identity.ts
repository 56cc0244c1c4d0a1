import type { Clock } from "../clock.ts";

/**
 * Tells a stream from an earlier one of the same name. A stream that was deleted and recreated numbers its
 * records from the start, so a name alone does not say which numbering a sequence number belongs to; the
 * creation time does.
 */
export interface StreamIdentity {
  /**
   * When the stream was created, milliseconds since 1970. The answer may be some minutes old, but was asked
   * for at `sinceMs` or later where that is given. Throws what the service throws when the stream was never
   * asked for before.
   */
  createdAtMs(stream: string, sinceMs?: number): Promise<number>;
}

/**
 * A process outlives a stream only when somebody deletes the stream, so an answer is kept for minutes.
 * fence.ts says what an old answer can do wrong.
 */
const KEPT_FOR_MS = 5 * 60 * 1000;

interface Question {
  readonly askedAtMs: number;
  readonly answer: Promise<number>;
  readonly isAnswered: boolean;
}

/** Remembers what `ask` says about a stream, and asks only as often as it must. */
export const rememberedIdentity = (
  ask: (stream: string) => Promise<number>,
  clock: Clock,
): StreamIdentity => {
  const latest = new Map<string, Question>();
  const askAgain = async (stream: string): Promise<number> => {
    const before = latest.get(stream);
    const question = { askedAtMs: clock(), answer: ask(stream), isAnswered: false };
    latest.set(stream, question);
    try {
      const createdAtMs = await question.answer;
      question.isAnswered = true;
      return createdAtMs;
    } catch (error) {
      if (latest.get(stream) === question) {
        if (before?.isAnswered) latest.set(stream, before);
        else latest.delete(stream);
      }
      throw error;
    }
  };
  return {
    async createdAtMs(stream, sinceMs = Number.NEGATIVE_INFINITY) {
      const known = latest.get(stream);
      if (known === undefined || known.askedAtMs < sinceMs) return askAgain(stream);
      if (clock() - known.askedAtMs < KEPT_FOR_MS) return known.answer;
      try {
        return await askAgain(stream);
      } catch (error) {
        // An old answer is better than a waiting shard.
        if (known.isAnswered) return known.answer;
        throw error;
      }
    },
  };
};
