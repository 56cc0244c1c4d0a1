import type { KeySecrets } from "../access/api-key.ts";
import { linkIdIn } from "../access/key-text.ts";
import type { Clock } from "../clock.ts";
import { NotFoundError } from "../errors.ts";
import { isOver, type Share, type ShareLinks } from "./share.ts";

export interface OpenSharePorts {
  readonly links: ShareLinks;
  readonly secrets: Pick<KeySecrets, "hash" | "isSameHash">;
  readonly now: Clock;
}

/** One answer for every link that shows nothing, so that nobody learns why. */
export const noSuchLink = (): NotFoundError =>
  new NotFoundError("there is no such link, or it does not work any more");

/**
 * What a link shares. Throws NotFoundError, in the same words whether the link is mistyped, unknown, revoked,
 * expired or wrong in its secret part. Reads the table every time: a revoked link shows nothing from then on.
 */
export const openShare = async ({ links, secrets, now }: OpenSharePorts, text: string): Promise<Share> => {
  const shareId = linkIdIn(text);
  const share = shareId === undefined ? undefined : await links.find(shareId);
  const isRight = share !== undefined && secrets.isSameHash(secrets.hash(text), share.hash);
  if (!isRight || isOver(share, now())) throw noSuchLink();
  return share;
};
