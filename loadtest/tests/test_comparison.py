"""What is made of a comparison, and what ends it."""

import contextlib
import importlib.machinery
import importlib.util
import io
import re
import sys
import unittest
from pathlib import Path
from unittest import mock

LOADTEST = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(LOADTEST))
from harness import comparison, comparison_report, generator, goals, logins, rule_table  # noqa: E402
from harness.comparison import Case, InProcess, Plan, Results  # noqa: E402
from harness.generator import Sample  # noqa: E402

HEAD = {
    "command": "loadtest/compare", "date": "2026-01-01", "cpuModel": "a CPU", "cores": 2,
    "kernel": "Linux", "serverCPU": 0, "loadCPU": 1, "stealPercent": 0.0, "rounds": 3}
NAMES = ("postern", "floor", "nghttpd", "node")


class Named:
    def __init__(self, name: str) -> None:
        self.name = name


class Drive:
    """Measures what `numbers` says of a server at its n-th turn, or fails as loadgen does."""

    def __init__(self, numbers: dict[str, list[float | None]]) -> None:
        self.numbers = {name: list(found) for name, found in numbers.items()}
        self.checked: dict[str, bool] = {}

    def measure(self, server, streams, batch, rate=None, checks_verdicts=True) -> Sample:
        self.checked[server.name] = checks_verdicts
        number = self.numbers[server.name].pop(0)
        if number is None:
            raise RuntimeError(f"loadgen failed on {server.name}: `kind 3`: verdict `allow`, not `deny`")
        return sample(number)


def sample(cpu: float, latency: float = 1000) -> Sample:
    return Sample(1e9 / cpu, cpu, latency, 2 * latency, 3 * latency, True)


def plan(rounds: int) -> Plan:
    path = Path("/no/such/file")
    return Plan(path, path, path, path, rounds, 1.0, ("wire",), 0, 1, lambda line: None)


def interleaved(drive: Drive, rounds: int, case: Case) -> Case:
    return comparison.interleaved(plan(rounds), drive, [Named(name) for name in NAMES], case)


def results() -> Results:
    """Every goal just reached."""
    cases = [
        Case(f"1 a request, {streams} streams", 1, streams, rounds=[
            {"postern": sample(1000 * most), "floor": sample(1000), "nghttpd": sample(1000 * most),
             "node": sample(9000)} for _ in range(3)])
        for streams, most in comparison_report.FLOOR_RATIO_MAX.items()]
    open_case = Case("open loop", 1, 8, 500.0, rounds=[
        {"postern": Sample(500, 1000, 120, 240, 450, True), "floor": Sample(500, 1000, 100, 200, 300, True)},
        {"postern": Sample(500, 1000, 110, 240, 420, True), "floor": Sample(500, 1000, 100, 200, 300, True)},
        {"postern": Sample(500, 1000, 130, 240, 480, True), "floor": Sample(500, 1000, 100, 200, 300, True)}])
    in_process = [
        InProcess(rules, {"scan": [50.0] * 3, "decide": [100.0] * 3},
                  {"scan": [500.0] * 3, "parse": [700.0] * 3, "decide": [100.0 * least] * 3})
        for rules, least in ((10, 5), (1000, 15), (10_000, 60))]
    return Results(cases + [open_case], in_process, 520, 130, 32)


class RoundTests(unittest.TestCase):
    def test_a_wrong_reply_of_anybody_ends_the_comparison(self):
        for name in NAMES:
            numbers = {each: [1.0, 1.0, 1.0] for each in NAMES}
            numbers[name][1] = None
            with self.assertRaisesRegex(RuntimeError, f"{name}: `kind 3`: verdict `allow`"):
                interleaved(Drive(numbers), 2, Case("c", 1, 8))

    def test_rounds_stay_together_and_the_first_one_warms_up(self):
        drive = Drive({"postern": [9, 10, 30], "floor": [9, 5, 10], "nghttpd": [9, 20, 15],
                       "node": [9, 50, 90]})
        case = interleaved(drive, 2, Case("c", 1, 8))
        self.assertEqual(comparison_report.cpu_ratios(case, "postern", "floor"), [2, 3])
        self.assertEqual(comparison_report.cpu_ratios(case, "postern", "nghttpd"), [0.5, 2])
        self.assertEqual(drive.checked, {"postern": True, "floor": False, "nghttpd": False, "node": True})

    def test_ratios_are_those_of_rounds_that_both_have(self):
        case = Case("c", 1, 8, rounds=[
            {"postern": sample(10), "floor": sample(5)}, {"postern": sample(99)},
            {"postern": sample(30), "floor": sample(10)}])
        self.assertEqual(comparison_report.cpu_ratios(case, "postern", "floor"), [2, 3])

    def test_the_command_ends_with_3_and_the_reason(self):
        loader = importlib.machinery.SourceFileLoader("compare", str(LOADTEST / "compare"))
        compare = importlib.util.module_from_spec(importlib.util.spec_from_loader("compare", loader))
        with mock.patch.object(sys, "dont_write_bytecode", True):
            loader.exec_module(compare)
        errors = io.StringIO()
        wrong = RuntimeError("loadgen failed on node: verdict `allow`, not `deny`")
        with (
            mock.patch.object(sys, "argv", ["compare"]), contextlib.redirect_stderr(errors),
            mock.patch.object(compare.comparison, "measure", side_effect=wrong),
            mock.patch.object(compare, "binary", return_value=Path("/no/such/file")),
            mock.patch.object(compare.machine, "cpus_to_use", return_value=(0, 1)),
        ):
            self.assertEqual(compare.main(), 3)
        self.assertIn("node: verdict `allow`, not `deny`", errors.getvalue())


class ReportTests(unittest.TestCase):
    def test_goals_that_are_reached_are_not_missed(self):
        self.assertEqual(goals.missed(comparison_report.goals_of(results())), [])

    def test_each_goal_that_is_missed_is_named_with_its_ratio(self):
        found = results()
        for case in found.cases:
            for samples in case.rounds:
                slow = samples["postern"]
                samples["postern"] = Sample(
                    1, slow.cpu_per_request * 1.1, slow.p50 * 1.1, slow.p99, slow.p999 * 1.1, True)
        for each in found.in_process:
            each.ours = {job: [value * 1.1 for value in values] for job, values in each.ours.items()}
        missed = goals.missed(comparison_report.goals_of(found))
        self.assertEqual(len(missed), 3 * 2 + 2 + 3, missed)
        self.assertIn("100 streams: CPU to the floor's: 1.49 (1.49..1.49), at most 1.35 wanted", missed[0])
        self.assertIn("CPU to nghttpd's: 1.10", missed[1])
        self.assertIn("p50 to the floor's: 1.32 (1.21..1.43), at most 1.2 wanted", missed[6])
        self.assertIn("scan both headers, 10 rules: 9.1", missed[8])

    def test_the_text_has_the_ratios_to_floor_and_nghttpd_with_their_spread(self):
        text = comparison_report.text(results(), HEAD)
        self.assertIn("1.35 (1.35..1.35)   1.00 (1.00..1.00)", text)
        self.assertIn("p50 1.20 (1.10..1.30), p99 1.20 (1.20..1.20), p99.9 1.50 (1.40..1.60)", text)
        self.assertIn("32 kinds of logins, no two with the same identifiers", text)

    def test_the_document_has_every_ratio_with_its_spread(self):
        document = comparison_report.document(results(), HEAD)
        self.assertEqual(document["cases"][0]["cpuRatioToFloor"]["postern"], {
            "median": 1.35, "lowest": 1.35, "highest": 1.35, "rounds": [1.35] * 3})
        self.assertEqual(document["cases"][0]["cpuRatioToNghttpd"]["postern"]["median"], 1)
        self.assertEqual(document["cases"][3]["latencyRatioToFloor"]["p99.9"], {
            "median": 1.5, "lowest": 1.4, "highest": 1.6, "rounds": [1.5, 1.4, 1.6]})
        self.assertNotIn("latencyRatioToFloor", document["cases"][0])
        self.assertEqual(document["inProcess"][1]["timesFaster"]["decide"]["median"], 15)
        self.assertEqual(document["missed"], [])

    def test_javascript_that_builds_items_stands_beside_the_scan_and_is_not_compared(self):
        lines = comparison_report.text(results(), HEAD).splitlines()
        row = next(line for line in lines if "build all items too" in line)
        self.assertEqual(row.split()[-2:], ["-", "700"])
        self.assertIn("10.0 (10.0..10.0)", next(line for line in lines if "scan both headers" in line))

    def test_who_is_not_installed_is_said_so(self):
        found = results()
        for samples in found.cases[0].rounds:
            del samples["node"]
        found.cases[0].missing["node"] = "not installed"
        self.assertRegex(comparison_report.text(found, HEAD), r"\n  node +not installed\n")


class LoginTests(unittest.TestCase):
    def test_kinds_differ_and_their_identifiers_are_drawn(self):
        kinds = logins.kinds(64)
        self.assertEqual(kinds, logins.kinds(64))
        self.assertEqual(len({tuple(kind) for kind in kinds}), logins.KIND_COUNT)
        for risk, bot in kinds:
            self.assertGreaterEqual(risk.count("{"), 8)
            self.assertEqual(bot.count("{"), 1)

    def test_half_of_them_are_what_rules_ask_for(self):
        found = " ".join(header for kind in logins.kinds(64)[:16] for header in kind)
        asked = [
            cell.strip('"') for row in rule_table.rows(64)[:-1] for cell in row[1:-2] if "site-" in cell]
        self.assertTrue(any(f"emailDomain={domain};" in found for domain in asked))

    def test_no_column_reads_what_is_drawn(self):
        read = {column.split(".", 1)[1] for column in rule_table.COLUMNS}
        self.assertEqual(read, {
            "standing", "score", "risk.vpn.level", "risk.unp.level", "emailDomain", "botScore",
            "botCategory", "botScoreResponseSegment"})
        for risk, bot in logins.kinds(64):
            for name in ("status", "score", "emailDomain"):
                self.assertRegex(risk, rf";{name}=[^;{{]+;")
            self.assertRegex(risk, r"=vpn:true/[LMH]\|unp:[^|]+/[LMH];")
            self.assertRegex(bot, r"\}\):monitor:[^{]+:\d+:[a-z]+$")

    def test_an_example_is_as_long_as_what_is_drawn(self):
        for text in (header for kind in logins.kinds(64) for header in kind):
            example = logins.example(text)
            self.assertNotIn("{", example)
            for low, high in re.findall(r"\{int:(\d+)\.\.(\d+)\}", text):
                self.assertEqual(len(low), len(high))
        self.assertEqual(logins.example("a{hex:3}b{int:10..99}"), "aaaab10")


class GeneratorTests(unittest.TestCase):
    def test_what_loadgen_says_of_a_wrong_reply_is_the_error(self):
        done = mock.Mock(returncode=1, stderr="loadgen: `kind 3`: verdict `allow`, not `deny`\n", stdout="")
        server = mock.Mock(pid=1, certificates=None)
        server.name = "node"
        drive = generator.Generator(Path("loadgen"), Path("s.yaml"), 0, 1.0)
        with mock.patch.object(generator.subprocess, "run", return_value=done):
            with self.assertRaisesRegex(RuntimeError, "failed on node: loadgen: `kind 3`"):
                drive.measure(server, 1, 1)


if __name__ == "__main__":
    unittest.main()
