"""What is made of several runs of loadtest/run."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import measure, report  # noqa: E402
from harness.load import Sample  # noqa: E402
from harness.measure import Results, Row, Size, Step  # noqa: E402

HEAD = {
    "command": "loadtest/run", "date": "2026-01-01", "cpuModel": "a CPU", "cores": 2, "kernel": "Linux",
    "serverCPU": 0, "loadCPU": 1, "stealPercent": 0.0, "rounds": 3}


def samples(*cpu: float) -> list[Sample]:
    return [Sample(1e9 / each, each) for each in cpu]


def run(floor: float, nanoseconds: float, allocations: float = 0) -> Results:
    """Of three rounds: Postern takes 1.3, 1.5 and 1.4 times what the floor takes."""
    row = Row(
        100, 800, samples(1.3 * floor, 1.5 * floor, 1.4 * floor), samples(floor, floor, floor),
        [1.3, 1.5, 1.4])
    return Results(
        Size(500, 80), [row], Size(100_000, 9000), row, [floor / 100, floor / 50, floor / 10],
        [Step("scan", [nanoseconds], allocations)])


class RunsTests(unittest.TestCase):
    def test_one_run_keeps_its_rounds(self):
        found = run(1000, 40)
        self.assertIs(measure.of_runs([found]), found)
        self.assertEqual(found.single[0].postern.cpu_nanoseconds_per_request, 1400)
        self.assertEqual(found.single[0].ratio, 1.4)

    def test_of_several_runs_the_medians_of_each_count(self):
        found = measure.of_runs([run(3000, 70), run(1000, 40), run(2000, 50, allocations=1)])
        row = found.single[0]
        self.assertEqual([each.cpu_nanoseconds_per_request for each in row.postern_samples],
                         [4200, 1400, 2800])
        self.assertEqual(row.postern.cpu_nanoseconds_per_request, 2800)
        self.assertEqual(row.floor.cpu_nanoseconds_per_request, 2000)
        self.assertEqual(row.ratios, [1.4, 1.4, 1.4])
        self.assertEqual(found.start_milliseconds, [60, 20, 40])
        self.assertEqual((found.steps[0].nanoseconds, found.steps[0].allocations), (50, 1))

    def test_a_ratio_is_made_within_a_round_and_not_of_medians(self):
        rows = [
            Row(1, 8, samples(10, 40, 30), samples(10, 20, 40), [1.0, 2.0, 0.75]),
            Row(1, 16, samples(10), samples(5), [2.0])]
        self.assertEqual(measure.row_of_runs(rows).ratios, [1.0, 2.0])

    def test_the_text_has_the_lowest_and_the_highest_run(self):
        found = measure.of_runs([run(3000, 70), run(1000, 40), run(2000, 50)])
        text = report.text(found, {**HEAD, "runs": 3})
        self.assertIn("medians of 3 runs of 3 rounds", text)
        self.assertIn("91,428,571 (60,952,381..182,857,143) decisions/s of one core's CPU time", text)
        self.assertIn("40 ms (20..60), median of 3", text)
        self.assertIn("50 ns (40..70), 0 allocations  scan", text)

    def test_the_document_has_them_too_and_that_of_one_run_has_not(self):
        found = measure.of_runs([run(3000, 70), run(1000, 40), run(2000, 50)])
        document = report.document(found, {**HEAD, "runs": 3})
        self.assertEqual(document["runs"], 3)
        step = document["steps"][0]
        self.assertEqual((step["nanosecondsLowest"], step["nanosecondsHighest"]), (40, 70))
        self.assertEqual(document["batch"]["decisionsPerCPUSecondLowest"], 60_952_381)
        alone = report.document(run(1000, 40), HEAD)
        self.assertEqual(alone["steps"][0].keys(), {"name", "nanosecondsMedian", "allocationsPerCall"})
        self.assertNotIn("decisionsPerCPUSecondLowest", alone["batch"])


if __name__ == "__main__":
    unittest.main()
