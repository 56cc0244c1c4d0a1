import type { Standing } from "../../engines/lease/one-at-a-time.ts";
import type { Role } from "./settings.ts";

/** What /readyz says. */
export interface Readiness {
  readonly ready: boolean;
  /** It waits for the store or the stream before it begins. */
  readonly starting: boolean;
  /** SIGTERM came: leases are being handed over. */
  readonly draining: boolean;
  /** By role: whether this engine does the work, stands by, or nobody does it yet. */
  readonly roles: Readonly<Partial<Record<Role, Standing>>>;
  /** `ok`, or what is wrong. */
  readonly store: string;
  readonly stream?: string;
}

export interface ReadinessSources {
  /** Each role that one engine at a time does. */
  readonly standings: Readonly<Partial<Record<Role, () => Standing>>>;
  isStarting(): boolean;
  isDraining(): boolean;
  checkStore(): Promise<void>;
  /** Absent where the stream isn't read. */
  readonly checkStream?: () => Promise<void>;
}

/**
 * Ready: the store and the stream answer, and each role that one engine at a time does is done, here or by
 * another engine: any engine answers its API. With `role`, only the engine is ready that does it.
 */
export const readinessOf = async (
  { standings, isStarting, isDraining, checkStore, checkStream }: ReadinessSources,
  role?: Role,
): Promise<Readiness> => {
  const [store, stream] = await Promise.all([wordOf(checkStore), checkStream && wordOf(checkStream)]);
  const roles = Object.fromEntries(
    Object.entries(standings).map(([name, standing]) => [name, standing()]),
  ) as Readiness["roles"];
  const [starting, draining] = [isStarting(), isDraining()];
  const isDone = role ? roles[role] === "active" : Object.values(roles).every((each) => each !== "unheld");
  const ready = !starting && !draining && store === "ok" && (stream ?? "ok") === "ok" && isDone;
  return { ready, starting, draining, roles, store, ...(stream !== undefined && { stream }) };
};

const LONGEST_CHECK_MILLISECONDS = 3_000;

const wordOf = async (check: () => Promise<void>): Promise<string> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, LONGEST_CHECK_MILLISECONDS, "no answer within 3 s");
  });
  const checked = check().then(
    () => "ok",
    (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
  );
  return Promise.race([checked, late]).finally(() => clearTimeout(timer));
};
