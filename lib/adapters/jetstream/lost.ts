import { UnavailableError } from "../../core/errors.ts";

/**
 * The answer to a request, or UnavailableError as soon as the connection that it was sent over is lost: the
 * client itself would wait for the whole time limit.
 */
export const answerUnlessLost = <Answer>(lost: AbortSignal, request: Promise<Answer>): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new UnavailableError("the connection broke before the answer"));
    if (lost.aborted) giveUp();
    else lost.addEventListener("abort", giveUp, { once: true });
    request.then(resolve, reject).finally(() => lost.removeEventListener("abort", giveUp));
  });
