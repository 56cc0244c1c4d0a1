/*
 * Loaded before a function's program (`node --import`): it is killed by the one record whose data begins with
 * DIES_ON_RECORD, as by a bug that no handler can catch. The event is JSON with the record's data in base64.
 */
const mark = Buffer.from(process.env.DIES_ON_RECORD ?? "").toString("base64");
// Three bytes become four characters; the characters of an unfinished three depend on what follows.
const beginning = mark.slice(0, Math.floor(Buffer.byteLength(process.env.DIES_ON_RECORD ?? "") / 3) * 4);
const { parse } = JSON;
JSON.parse = (text, reviver) => {
  if (beginning !== "" && String(text).includes(`"${beginning}`)) process.kill(process.pid, "SIGKILL");
  return parse(text, reviver);
};
