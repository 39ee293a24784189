// The seeds' job in a warm V8: parse both headers, and parse and evaluate, in one thread.
//
//   node loadtest/node/inprocess.mjs TABLE.table.md LOGINS.json [MILLISECONDS]
//
// LOGINS.json is a list of {userRisk, bot, rule}: the rule, counted from 1, that Postern found. Every
// one must be found here too, or the comparison is worth nothing and exits with 1. Prints JSON:
// medians in nanoseconds a login, each measured for so long behind a warm-up of that length; of the
// three ways to write the rules the fastest one counts.

import { readFileSync } from "node:fs";
import { asClosures, asColumns, asIfChain, readTable } from "./table.mjs";
import { parseBot, parseUserRisk, scanBot, scanUserRisk } from "./headers.mjs";

const [tableFile, loginsFile, milliseconds = "1000"] = process.argv.slice(2);
const table = readTable(tableFile);
const logins = JSON.parse(readFileSync(loginsFile, "utf8"));

let sink = 0;

/** Nanoseconds a login: the median of passes over all of them, so that what interrupts a pass or
 * collects garbage in few of them does not count. */
function measure(body) {
  const passes = () => {
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
  passes();
  const times = passes().sort((a, b) => a - b);
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
  scan: measure(({ userRisk, bot }) => {
    const risk = scanUserRisk(userRisk);
    const seen = scanBot(bot);
    return (risk?.score ?? 0) + (seen?.botScore ?? 0);
  }),
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
