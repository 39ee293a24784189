// The two Akamai headers as a login action in JavaScript reads them: split, and split again.

/** A header that is there and cannot be read. */
export const INVALID = Symbol("invalid");

const LEVEL = /\/([LMH])$/i;

function parseItems(text) {
  const items = {};
  for (const item of text.split("|")) {
    if (item === "") continue;
    const colon = item.indexOf(":");
    if (colon < 1) return INVALID;
    const code = item.slice(0, colon);
    if (code in items) return INVALID;
    const value = item.slice(colon + 1);
    const level = LEVEL.exec(value);
    items[code] = level
      ? { value: value.slice(0, -2), level: level[1].toUpperCase() }
      : { value, level: undefined };
  }
  return items;
}

const LISTS = new Set(["general", "risk", "trust"]);

/** `undefined` without the header, `INVALID` for one that has a key twice or no number for one. */
export function parseUserRisk(header) {
  if (header === undefined) return undefined;
  const fields = {};
  for (const pair of header.split(";")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    if (equals < 1) return INVALID;
    const key = pair.slice(0, equals);
    if (key in fields) return INVALID;
    const value = pair.slice(equals + 1);
    fields[key] = LISTS.has(key) ? parseItems(value) : value;
  }
  const status = Number(fields.status);
  fields.standing = status === 0 ? "full" : status === 2 || status === 3 ? "noProfile" : "unusable";
  fields.score =
    fields.score === undefined || fields.standing === "unusable" ? undefined : Number(fields.score);
  return fields;
}

/** `type (id):action:categories[:score:segment]`. */
export function parseBot(header) {
  if (header === undefined) return undefined;
  const end = header.indexOf("):");
  if (end < 0) return INVALID;
  const open = header.indexOf(" (");
  const parts = header.slice(end + 2).split(":");
  const fields = {
    type: header.slice(0, open), botnetId: header.slice(open + 2, end), action: parts[0],
    botScore: undefined, segment: undefined, categories: [],
  };
  let last = parts.length;
  if (last >= 4 && /^\d{1,3}$/.test(parts[last - 2])) {
    fields.botScore = Number(parts[last - 2]);
    fields.segment = parts[last - 1];
    last -= 2;
  }
  fields.categories = parts.slice(1, last).join(":").split(",").map((name) => name.trim());
  return fields;
}
