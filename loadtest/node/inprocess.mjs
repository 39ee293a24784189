// The seeds' job in a warm V8: parse both headers, and parse and evaluate, in one thread.
//
//   node loadtest/node/inprocess.mjs TABLE.table.md LOGINS.json
//
// LOGINS.json is a list of {userRisk, bot, rule}: the rule, counted from 1, that Postern found. Every
// one must be found here too, or the comparison is worth nothing and exits with 1. Prints JSON:
// medians in nanoseconds a login; of the three ways to write the rules the fastest one counts.

import { readFileSync } from "node:fs";
import { asClosures, asColumns, asIfChain, readTable } from "./table.mjs";
import { parseBot, parseUserRisk } from "./headers.mjs";

const [tableFile, loginsFile] = process.argv.slice(2);
const table = readTable(tableFile);
const logins = JSON.parse(readFileSync(loginsFile, "utf8"));
const [WARM_UP_MILLISECONDS, MEASURED_MILLISECONDS] = [1000, 1000];

let sink = 0;

/** Nanoseconds a login: the median of passes over all of them, so that what interrupts a pass or
 * collects garbage in few of them does not count. */
function measure(body) {
  const passes = (milliseconds) => {
    const times = [];
    const end = process.hrtime.bigint() + BigInt(milliseconds) * 1_000_000n;
    for (let before = process.hrtime.bigint(); before < end; ) {
      for (const login of logins) sink += body(login);
      const after = process.hrtime.bigint();
      times.push(Number(after - before) / logins.length);
      before = after;
    }
    return times;
  };
  passes(WARM_UP_MILLISECONDS);
  const times = passes(MEASURED_MILLISECONDS).sort((a, b) => a - b);
  return times[times.length >> 1];
}

const ways = { ifChain: asIfChain(table), closures: asClosures(table), columns: asColumns(table) };
for (const [way, decide] of Object.entries(ways)) {
  for (const { userRisk, bot, rule } of logins) {
    const found = decide(parseUserRisk(userRisk), parseBot(bot)) + 1;
    if (found !== rule) {
      process.stderr.write(`${way} finds rule ${found}, Postern ${rule}, for ${userRisk} and ${bot}\n`);
      process.exit(1);
    }
  }
}
const result = {
  rules: table.rules.length,
  parse: measure(({ userRisk, bot }) => {
    const risk = parseUserRisk(userRisk);
    const seen = parseBot(bot);
    return (risk?.score ?? 0) + (seen?.botScore ?? 0);
  }),
};
for (const [way, decide] of Object.entries(ways)) {
  result[way] = measure(({ userRisk, bot }) => decide(parseUserRisk(userRisk), parseBot(bot)));
}
result.decide = Math.min(result.ifChain, result.closures, result.columns);
if (!Number.isFinite(sink)) throw new Error("the work was left out");
console.log(JSON.stringify(result));
