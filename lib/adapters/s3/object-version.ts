const ETAG = "etag:";

/** What stands for the version of an object in a bucket that keeps none: a mark of its content. */
export const etagVersion = (etag: string): string => `${ETAG}${etag.replaceAll('"', "")}`;

/** The parameters for getting an object from S3 in exactly this version. */
export const versionParameters = (
  version: string,
): { readonly VersionId: string } | { readonly IfMatch: string } =>
  version.startsWith(ETAG) ? { IfMatch: `"${version.slice(ETAG.length)}"` } : { VersionId: version };
