// A decision table as JavaScript: the rules of a `*.table.md`, first match wins.

import { readFileSync } from "node:fs";
import { INVALID } from "./headers.mjs";

/** Where each signal of the load test's tables is found, as an expression over `risk` and `bot`. */
const SIGNALS = {
  "akamaiUserRisk.standing": "risk?.standing",
  "akamaiUserRisk.score": "risk?.score",
  "akamaiUserRisk.emailDomain": "risk?.emailDomain",
  "akamaiUserRisk.risk.vpn.level": "risk?.risk?.vpn?.level",
  "akamaiUserRisk.risk.unp.level": "risk?.risk?.unp?.level",
  "akamaiBot.botScore": "bot?.botScore",
  "akamaiBot.botCategory": "bot?.categories",
  "akamaiBot.botScoreResponseSegment": "bot?.segment",
};

/** Name, columns and rules; a rule is `{name, cells, verdict, reason}`. */
export function readTable(file) {
  const text = readFileSync(file, "utf8");
  const name = /^name: (.*)$/m.exec(text)[1];
  const lines = text.slice(text.indexOf("## Rules")).split("\n").filter((line) => line.startsWith("|"));
  const rows = lines.map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  const [head, , ...body] = rows;
  const verdict = head.indexOf("verdict");
  const columns = head.slice(1, verdict);
  for (const column of columns) {
    if (!(column in SIGNALS)) throw new Error(`${file}: the signal ${column} is not known here`);
  }
  const rules = body.map((row) => ({
    name: row[0], cells: row.slice(1, verdict), verdict: row[verdict], reason: row[verdict + 1] ?? "",
  }));
  return { name, columns, rules };
}

/** The condition that a cell says of the expression `value`; `undefined` for a cell that says nothing. */
function condition(cell, value, isList) {
  if (cell === "-") return undefined;
  const window = /^\[(\d+)\.\.(\d+)\)$/.exec(cell);
  if (window) return `${value} >= ${window[1]} && ${value} < ${window[2]}`;
  if (/^"[^"]*"$/.test(cell)) {
    return isList ? `${value} !== undefined && ${value}.includes(${cell})` : `${value} === ${cell}`;
  }
  throw new Error(`the cell ${cell} is not known here`);
}

const isList = (column) => column === "akamaiBot.botCategory";

/** Values once, then `if (...) return ...` for each rule, as a person writes it. */
export function asIfChain({ columns, rules }) {
  const lines = columns.map((column, index) => `const v${index} = ${SIGNALS[column]};`);
  rules.forEach((rule, index) => {
    const tests = rule.cells.map((cell, at) => condition(cell, `v${at}`, isList(columns[at])))
      .filter((test) => test !== undefined);
    lines.push(tests.length === 0 ? `return ${index};` : `if (${tests.join(" && ")}) return ${index};`);
  });
  return readable(new Function("risk", "bot", lines.join("\n")));
}

/** A list of rules, each a list of small functions: what a person writes for many rules. */
export function asClosures({ columns, rules }) {
  const values = new Function(
    "risk", "bot", `return [${columns.map((column) => SIGNALS[column]).join(", ")}];`);
  const compiled = rules.map((rule) =>
    rule.cells.flatMap((cell, at) => {
      const test = condition(cell, "v", isList(columns[at]));
      return test === undefined ? [] : [{ at, test: new Function("v", `return ${test};`) }];
    }));
  return readable((risk, bot) => {
    const row = values(risk, bot);
    next: for (let index = 0; index < compiled.length; index++) {
      for (const { at, test } of compiled[index]) {
        if (!test(row[at])) continue next;
      }
      return index;
    }
    return -1;
  });
}

/** One array a column, numbers in typed ones, and one loop that compares: what somebody writes who
 * has very many rules and measures. */
export function asColumns({ columns, rules }) {
  const isNumber = columns.map((_, at) => rules.some(({ cells }) => cells[at].startsWith("[")));
  const data = columns.map((_, at) => {
    if (!isNumber[at]) return rules.map(({ cells }) => (cells[at] === "-" ? null : cells[at].slice(1, -1)));
    const windows = rules.map(({ cells }) => /^\[(\d+)\.\.(\d+)\)$/.exec(cells[at]));
    return {
      low: Float64Array.from(windows, (window) => (window ? Number(window[1]) : -Infinity)),
      high: Float64Array.from(windows, (window) => (window ? Number(window[2]) : Infinity)),
    };
  });
  // Numbers first: they are the cheapest to compare and decide most.
  const order = [...columns.keys()].sort((a, b) => isNumber[b] - isNumber[a]);
  const tests = order.map((at) => {
    if (isNumber[at]) return `v${at} >= low${at}[i] && v${at} < high${at}[i]`;
    const equal = isList(columns[at])
      ? `(v${at} !== undefined && v${at}.includes(t${at}[i]))` : `t${at}[i] === v${at}`;
    return `(t${at}[i] === null || ${equal})`;
  });
  const setUp = order.map((at) =>
    isNumber[at]
      ? `const low${at} = data[${at}].low, high${at} = data[${at}].high;`
      : `const t${at} = data[${at}];`);
  // Nothing is below 0: what is absent is in no window, and in the one without ends.
  const values = columns.map((column, at) =>
    `const v${at} = ${SIGNALS[column]}${isNumber[at] ? " ?? -1" : ""};`);
  const code = `${setUp.join("\n")}
    return (risk, bot) => {
      ${values.join("\n")}
      for (let i = 0; i < ${rules.length}; i++) if (${tests.join(" && ")}) return i;
      return -1;
    };`;
  return readable(new Function("data", code)(data));
}

/** A header that cannot be read has no values: none of these tables asks for more. */
function readable(decide) {
  return (risk, bot) => decide(risk === INVALID ? undefined : risk, bot === INVALID ? undefined : bot);
}
