/** What a request says before its body is looked at. */
export interface RequestHead {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  query(name: string): string | undefined;
}

/** Query parameter of ingest routes, for phones that can't send headers. */
export const KEY_PARAMETER = "key";

/**
 * The key as it was sent: `Authorization: Bearer <key>`, else `x-api-key: <key>`. An Authorization of another
 * scheme is not meant for us.
 */
export const keyInHeaders = ({ headers }: Pick<RequestHead, "headers">): string | undefined => {
  const bearer = /^bearer +(.*)$/i.exec(headers.authorization ?? "")?.[1];
  return (bearer ?? headers["x-api-key"])?.trim();
};
