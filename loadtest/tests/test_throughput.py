"""What is made of measurements of throughput."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import goals, throughput, throughput_report  # noqa: E402
from harness.generator import Sample  # noqa: E402
from harness.throughput import KINDS, Loops, Results, Service  # noqa: E402

HEAD = {
    "command": "loadtest/throughput", "date": "2026-01-01", "cpuModel": "a CPU", "cores": 2,
    "kernel": "Linux", "serverCPU": 0, "loadCPU": 1, "stealPercent": 0.0, "rounds": 3}
METRICS = """# TYPE postern_service_seconds histogram
postern_service_seconds_count{door="decide"} 1200
postern_service_seconds_count{door="check"} 0
# TYPE postern_service_quantile_seconds gauge
postern_service_quantile_seconds{door="decide",quantile="0.5"} 1.472e-06
postern_service_quantile_seconds{door="decide",quantile="0.99"} 4.096e-06
postern_service_quantile_seconds{door="check",quantile="0.99"} 9e-06
# EOF
"""


def results(factor: float) -> Results:
    """Exactly what is wanted, or as many times as much of it."""
    return Results(
        messages={kind.name: [kind.decisions_per_second_min * factor] * 3 for kind in KINDS},
        loops=[Loops(8, [1000.0] * 3, [1110.0 / factor] * 3, [1100.0] * 3)],
        tls=[1.35 / factor] * 3,
        service=[Service(1200, {"0.5": 1500.0, "0.99": 5000.0 / factor})],
        service_asleep=[Service(1200, {"0.99": 9000.0})])


class ThroughputTests(unittest.TestCase):
    def test_decisions_are_counted_by_what_a_message_costs(self):
        sample = Sample(1000, 32_000, 0, 0, 0, True)
        self.assertEqual(throughput.decisions_per_core(sample, KINDS[0]), 64 * 1e9 / 32_000)

    def test_two_generators_of_one_server_see_its_cpu_time_twice(self):
        each = Sample(1000, 2_000, 0, 0, 0, True)
        self.assertEqual(throughput.cpu_per_request([each], 1), 2_000)
        self.assertEqual(throughput.cpu_per_request([each, each], 1), 1_000)
        self.assertEqual(throughput.cpu_per_request([each, each], 2), 2_000)

    def test_service_time_is_that_of_its_door(self):
        found = throughput.service_time(METRICS, "decide")
        self.assertEqual(found.requests, 1200)
        self.assertAlmostEqual(found.quantiles["0.99"], 4096)
        self.assertEqual(set(found.quantiles), {"0.5", "0.99"})

    def test_a_door_that_nobody_used_has_no_service_time(self):
        for door in ("check", "stream"):
            with self.assertRaisesRegex(RuntimeError, door):
                throughput.service_time(METRICS, door)

    def test_goals_that_are_reached_are_not_missed(self):
        self.assertEqual(goals.missed(throughput_report.goals_of(results(1))), [])

    def test_each_goal_that_is_missed_is_named_with_its_number(self):
        missed = goals.missed(throughput_report.goals_of(results(0.9)))
        self.assertEqual(len(missed), 5)
        self.assertIn("/v1/decide, 64 a message: 3,600,000", missed[0])
        self.assertIn("/v1/stream, 16 a message: 2,700,000", missed[1])
        self.assertIn("1.23 (1.23..1.23) times", missed[2])
        self.assertIn("TLS: a request takes 1.50 times", missed[3])
        self.assertIn("5,556 ns", missed[4])

    def test_ratios_are_those_of_each_round(self):
        loops = Loops(1, [100, 200], [110, 180], [120, 200])
        self.assertEqual(loops.ratios, [1.1, 0.9])
        self.assertEqual(loops.ratios_apart, [1.2, 1.0])

    def test_the_report_has_every_number_beside_its_goal(self):
        text = throughput_report.text(results(1), HEAD)
        for words in (
            "4,000,000 (4,000,000..4,000,000)   goal 4,000,000", "p99    5000 (5000..5000)   goal 5,000",
            "p99    9000 (9000..9000)", "1.11 (1.11", "1.10 (1.10", "1.35 (1.35",
        ):
            self.assertIn(words, text)
        self.assertEqual(throughput_report.document(results(1), HEAD)["missed"], [])

    def test_a_part_that_was_not_measured_is_not_in_the_report(self):
        text = throughput_report.text(Results(loops=results(1).loops), HEAD)
        self.assertNotIn("Service time", text)
        self.assertNotIn("goal 4,000,000", text)
        self.assertEqual(goals.missed(throughput_report.goals_of(Results())), [])


if __name__ == "__main__":
    unittest.main()
