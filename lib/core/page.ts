/** One page of a listing. `cursor` is opaque; absent on the last page. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly cursor?: string;
}

export interface PageRequest {
  /** At most this many items, 1 or more. */
  readonly limit: number;
  /** From the page before; an unknown one raises InvalidInputError for field `cursor`. */
  readonly cursor?: string;
}
