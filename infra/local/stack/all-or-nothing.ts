/**
 * Like Promise.all, but rejects only when every one has settled, so that nothing starts after the clean-up.
 */
export const allOrNothing = async <First, Second>(
  tasks: readonly [Promise<First>, Promise<Second>],
): Promise<[First, Second]> => {
  await Promise.allSettled(tasks);
  return Promise.all(tasks);
};
