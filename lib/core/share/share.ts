import type { Page, PageRequest } from "../page.ts";
import type { TenantId } from "../tenant/tenant-id.ts";
import type { PlaceBounds } from "./area.ts";

/** What a link shows. */
export type SharedThing =
  | { readonly kind: "device"; readonly deviceId: string }
  /**
   * A recording that was deleted and imported again is another one. The epoch names its track; when it was
   * created tells it from any other, because epochs begin again when a recording's grave has expired.
   */
  | {
      readonly kind: "recording";
      readonly recordingId: string;
      readonly epoch: number;
      readonly createdAtMs: number;
    };

/** Which of its positions are shown: those of these times and places. */
export interface ShareBounds extends PlaceBounds {
  /** Inclusive; from the beginning without it. */
  readonly fromMs?: number;
  /** Inclusive; without it the link is live. */
  readonly toMs?: number;
}

/**
 * A read-only link to one device or recording. It never changes: it is created, and ends by itself or is
 * revoked.
 */
export interface Share extends ShareBounds {
  /** Part of the link's text; no secret. */
  readonly shareId: string;
  readonly tenant: TenantId;
  readonly thing: SharedThing;
  /** For people, and shown to whoever has the link. */
  readonly name?: string;
  /** The key that made it; none where the service runs open. A link outlives a key that is revoked. */
  readonly keyId?: string;
  readonly createdAtMs: number;
  /** Seconds since 1970; from then on the link shows nothing, whether or not the table has deleted it. */
  readonly expiresAtSeconds: number;
  /** Of the link's whole text, by KeySecrets. */
  readonly hash: string;
}

export interface ShareListRequest extends PageRequest {
  /** Only shares of devices that belong to it, by belongsTo; shares of recordings are not among them. */
  readonly devicePrefix?: string;
}

/** The shares of one tenant. */
export interface ShareStore {
  /**
   * Throws ConflictError when there is one with this id, and NotFoundError when the shares of its device were
   * removed meanwhile: then this one does not exist either.
   */
  create(share: Share): Promise<void>;
  /** Undefined when it has expired. */
  get(shareId: string, nowMs: number): Promise<Share | undefined>;
  /** Those that have not expired. */
  list(request: ShareListRequest, nowMs: number): Promise<Page<Share>>;
  /** Removes at most so many shares of a device, expired or not; true when none is left. */
  removeOfDevice(deviceId: string, limit: number): Promise<boolean>;
  /** Whether there was one; repeating it is harmless. */
  remove(shareId: string): Promise<boolean>;
}

/**
 * The shares of all tenants, for whoever has nothing but a link: which tenant it is of is not known before.
 */
export interface ShareLinks {
  /**
   * Strongly consistent, so that a link that was revoked shows nothing any more. Includes expired ones until
   * they are deleted.
   */
  find(shareId: string): Promise<Share | undefined>;
}

export const isOver = ({ expiresAtSeconds }: Pick<Share, "expiresAtSeconds">, nowMs: number): boolean =>
  nowMs >= expiresAtSeconds * 1000;
