/** A file where recordings are put: a bucket, or a folder. A version of it never changes. */
export interface FileReference {
  /** Name of the bucket or folder. */
  readonly bucket: string;
  /** Path in it, with slashes. */
  readonly key: string;
  readonly version: string;
}

export interface OpenFile {
  readonly sizeBytes: number;
  /** From the start, as it arrives; can be read once. Throws UnavailableError when it breaks off. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Reads the files of one bucket or folder. */
export interface FileSource {
  /** Throws NotFoundError when there is no such file or version (any more), or UnavailableError. */
  open(file: Pick<FileReference, "key" | "version">): Promise<OpenFile>;
}
