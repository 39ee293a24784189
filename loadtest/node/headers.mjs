// The two Akamai headers, read in JavaScript as fast as plain code does: no regular expression on the
// way, no intermediate arrays.

/** A header that is there and cannot be read. */
export const INVALID = Symbol("invalid");

const [SLASH, H, L, M] = [47, 72, 76, 77];

/** `code:value` or `code:value/H`, between `|`. */
function parseItems(text) {
  const items = {};
  for (let start = 0; start < text.length; ) {
    let end = text.indexOf("|", start);
    if (end < 0) end = text.length;
    if (end > start) {
      const colon = text.indexOf(":", start);
      if (colon <= start || colon > end) return INVALID;
      const code = text.slice(start, colon);
      if (items[code] !== undefined) return INVALID;
      const last = text.charCodeAt(end - 1) & ~32;
      const hasLevel =
        (last === H || last === L || last === M) && text.charCodeAt(end - 2) === SLASH;
      items[code] = hasLevel
        ? { value: text.slice(colon + 1, end - 2), level: text[end - 1].toUpperCase() }
        : { value: text.slice(colon + 1, end), level: undefined };
    }
    start = end + 1;
  }
  return items;
}

/** `undefined` without the header, `INVALID` for one that has a key twice; lists are left as texts. */
export function scanUserRisk(header) {
  if (header === undefined) return undefined;
  const fields = {};
  for (let start = 0; start < header.length; ) {
    let end = header.indexOf(";", start);
    if (end < 0) end = header.length;
    if (end > start) {
      const equals = header.indexOf("=", start);
      if (equals <= start || equals > end) return INVALID;
      const key = header.slice(start, equals);
      if (fields[key] !== undefined) return INVALID;
      fields[key] = header.slice(equals + 1, end);
    }
    start = end + 1;
  }
  const { status, score } = fields;
  fields.standing =
    status === "0" ? "full" : status === "2" || status === "3" ? "noProfile" : "unusable";
  fields.score = score === undefined || fields.standing === "unusable" ? undefined : Number(score);
  return fields;
}

/** As `scanUserRisk`, with the items of all lists; `INVALID` in place of a list with an item without a code. */
export function parseUserRisk(header) {
  const fields = scanUserRisk(header);
  if (fields === undefined || fields === INVALID) return fields;
  const { general, risk, trust } = fields;
  if (general !== undefined) fields.general = parseItems(general);
  if (risk !== undefined) fields.risk = parseItems(risk);
  if (trust !== undefined) fields.trust = parseItems(trust);
  return fields;
}

/** `type (id):action:categories[:score:segment]`, the categories as one text. */
export function scanBot(header) {
  if (header === undefined) return undefined;
  const end = header.indexOf("):");
  if (end < 0) return INVALID;
  const open = header.indexOf(" (");
  const parts = header.slice(end + 2).split(":");
  const fields = {
    type: header.slice(0, open), botnetId: header.slice(open + 2, end), action: parts[0],
    botScore: undefined, segment: undefined, categories: undefined,
  };
  let last = parts.length;
  const score = last >= 4 ? Number(parts[last - 2]) : NaN;
  if (score >= 0 && score <= 100) {
    fields.botScore = score;
    fields.segment = parts[last - 1];
    last -= 2;
  }
  fields.categories = last === 2 ? parts[1] : parts.slice(1, last).join(":");
  return fields;
}

/** As `scanBot`, with a list of categories. */
export function parseBot(header) {
  const fields = scanBot(header);
  if (fields !== undefined && fields !== INVALID) fields.categories = fields.categories.split(",");
  return fields;
}
