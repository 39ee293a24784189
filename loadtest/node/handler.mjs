// Postern's job in JavaScript: POST /v1/decide over HTTP/2, one thread, the same bytes in and out.
//
//   node loadtest/node/handler.mjs TABLE.table.md [PORT]
//
// It reads the two Akamai headers of each decision as strings, parses them, walks the table's rules,
// and answers with verdict, rule and reason. No limits, no metrics, no checks of the message.

import { createServer } from "node:http2";
import { asColumns, asIfChain, readTable } from "./table.mjs";
import { parseBot, parseUserRisk } from "./headers.mjs";
import { decode, encode, encodeRule } from "./message.mjs";

const [file, port = "0"] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write("usage: node handler.mjs TABLE.table.md [PORT]\n");
  process.exit(2);
}
const table = readTable(file);
// V8 does not optimise functions beyond a size: many rules are faster as data.
const decide = table.rules.length <= 200 ? asIfChain(table) : asColumns(table);
const answers = table.rules.map((rule, index) => encodeRule(table, rule, index + 1));

const server = createServer({
  settings: { maxConcurrentStreams: 256, initialWindowSize: 256 << 10 },
});

server.on("stream", (stream) => {
  const chunks = [];
  stream.on("data", (chunk) => chunks.push(chunk));
  stream.on("error", () => {});
  stream.on("end", () => {
    const decisions = decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
    const found = decisions.map(({ userRisk, bot }) =>
      answers[decide(parseUserRisk(userRisk), parseBot(bot))]);
    stream.respond({ ":status": 200, "content-type": "application/vnd.postern.v1" });
    stream.end(encode(decisions, found));
  });
});
server.on("session", (session) => {
  session.setLocalWindowSize(4 << 20);
  session.on("error", () => {});
});
server.listen(Number(port), "127.0.0.1", () => {
  process.stderr.write(`listening on 127.0.0.1:${server.address().port}\n`);
});
process.on("SIGTERM", () => process.exit(0));
