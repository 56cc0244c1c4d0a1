/** Milliseconds since 1970, now. Handlers take it as an argument so that tests decide what time it is. */
export type Clock = () => number;

/**
 * Waits; a replay's and a poller's only way to let time pass. Rejects with the signal's reason when aborted.
 */
export type Sleep = (milliseconds: number, signal?: AbortSignal) => Promise<void>;
