/** One page of a listing. `cursor` is opaque; absent on the last page. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly cursor?: string;
}

export interface PageRequest {
  /** At most this many items, 1 or more. */
  readonly limit: number;
  /** From the page before; an unknown one throws InvalidInputError for field `cursor`. */
  readonly cursor?: string;
}

const PAGE_ITEMS = 100;

/** Every item of a listing, fetched page by page as it is consumed. */
export async function* allItems<Item>(
  list: (request: PageRequest) => Promise<Page<Item>>,
): AsyncGenerator<Item> {
  let cursor: string | undefined;
  do {
    const page: Page<Item> = await list({ limit: PAGE_ITEMS, ...(cursor !== undefined && { cursor }) });
    yield* page.items;
    cursor = page.cursor;
  } while (cursor !== undefined);
}
