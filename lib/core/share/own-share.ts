import type { Caller } from "../access/caller.ts";
import { NotFoundError } from "../errors.ts";
import { mayUseShare } from "./create-share.ts";
import type { Share, ShareStore } from "./share.ts";

/**
 * A share that the caller may see and revoke. Throws NotFoundError; that of others does not exist for the
 * caller.
 */
export const ownShare = async (
  shares: Pick<ShareStore, "get">,
  caller: Caller,
  shareId: string,
  nowMs: number,
): Promise<Share> => {
  const share = await shares.get(shareId, nowMs);
  if (share && mayUseShare(caller, share.thing)) return share;
  throw new NotFoundError(`share ${shareId} does not exist, or has ended`);
};
