/** Puts a value into a map that holds at most so many. What was put in longest ago makes room. */
export const remember = <Key, Value>(map: Map<Key, Value>, key: Key, value: Value, maximum: number): void => {
  map.delete(key);
  for (const oldest of map.keys()) {
    if (map.size < maximum) break;
    map.delete(oldest);
  }
  map.set(key, value);
};
