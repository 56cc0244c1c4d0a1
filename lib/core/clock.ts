/** Milliseconds since 1970, now. Handlers take it as an argument so that tests decide what time it is. */
export type Clock = () => number;

/** Waits. Replays and pollers have no other way to wait. Rejects with the signal's reason when aborted. */
export type Sleep = (milliseconds: number, signal?: AbortSignal) => Promise<void>;
