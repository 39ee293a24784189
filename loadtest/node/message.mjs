// Request and reply messages of proto-spec, as much of them as the comparison needs.

const HEADER = 24;
const DECISION = 24;
const REPLY = 32;
const VERDICTS = { allow: 1, mfa: 2, review: 3, deny: 4, revoke: 5 };
const [OUTPUT_TABLE, OUTPUT_RULE, OUTPUT_REASON] = [1, 2, 3];
const [FIELD_BOT, FIELD_USER_RISK] = [1, 2];

/** The decisions of a request message: correlation id and the two headers as strings. */
export function decode(message) {
  const decisions = [];
  const count = message.readUInt16LE(12);
  let start = HEADER;
  for (let index = 0; index < count; index++) {
    const decision = { id: message.subarray(start + 8, start + 16), bot: undefined, userRisk: undefined };
    const fieldCount = message.readUInt16LE(start + 18);
    let offset = start + DECISION + message[start + 20] + message[start + 21];
    for (let field = 0; field < fieldCount; field++) {
      const kind = message.readUInt16LE(offset);
      const end = offset + 8 + message.readUInt32LE(offset + 4);
      if (kind === FIELD_USER_RISK) decision.userRisk = message.latin1Slice(offset + 8, end);
      else if (kind === FIELD_BOT) decision.bot = message.latin1Slice(offset + 8, end);
      offset = end;
    }
    decisions.push(decision);
    start += message.readUInt32LE(start);
  }
  return decisions;
}

/** What a rule answers, encoded once: everything of a decision's reply but the correlation id. */
export function encodeRule(table, rule, number) {
  const outputs = [[OUTPUT_TABLE, table.name], [OUTPUT_RULE, rule.name], [OUTPUT_REASON, rule.reason]]
    .filter(([, text]) => text !== "");
  const parts = outputs.map(([kind, text]) => {
    const output = Buffer.alloc(4 + Buffer.byteLength(text));
    output[0] = kind;
    output.writeUInt16LE(output.length - 4, 2);
    output.write(text, 4);
    return output;
  });
  const fixed = Buffer.alloc(REPLY);
  fixed.writeUInt32LE(REPLY + parts.reduce((sum, part) => sum + part.length, 0), 0);
  fixed[4] = fixed[5] = VERDICTS[rule.verdict];
  fixed[6] = 3;
  fixed.writeUInt16LE(parts.length, 18);
  fixed.writeUInt32LE(number, 20);
  fixed.writeBigUInt64LE(1n, 24);
  return Buffer.concat([fixed, ...parts]);
}

/** A reply message of encoded rules. */
export function encode(decisions, answers) {
  const byteCount = answers.reduce((sum, answer) => sum + answer.length, 0);
  const message = Buffer.allocUnsafe(HEADER + byteCount);
  message.fill(0, 0, HEADER);
  message[0] = 1;
  message[1] = 2;
  message.writeUInt32LE(byteCount, 4);
  message.writeUInt32LE(byteCount, 8);
  message.writeUInt16LE(answers.length, 12);
  let offset = HEADER;
  for (let index = 0; index < answers.length; index++) {
    answers[index].copy(message, offset);
    decisions[index].id.copy(message, offset + 8);
    offset += answers[index].length;
  }
  return message;
}
