"""What is made of measurements of idle connections."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import goals, idle  # noqa: E402
from harness.generator import Sample  # noqa: E402
from harness.idle import Memory, Results  # noqa: E402


def sample(p99: float) -> Sample:
    return Sample(5000, 10_000, p99 / 2, p99, p99 * 2, True)


def results(byte_count: float, *p99: tuple[float, float]) -> Results:
    return Results(
        memory=[
            Memory("one decision each", 1000, byte_count, True),
            Memory("one decision each, TLS", 1000, 40_000, False)],
        alone=[sample(alone) for alone, _ in p99], among=[sample(among) for _, among in p99])


class IdleTests(unittest.TestCase):
    def test_memory_is_held_to_its_goal_and_tls_has_none(self):
        self.assertEqual(goals.missed(idle.goals_of(results(20_000))), [])
        self.assertEqual(
            goals.missed(idle.goals_of(results(20_001))),
            ["one decision each: 20,001 bytes an idle connection, at most 20,000 wanted"])

    def test_latency_counts_by_the_median_of_each_rounds_ratio(self):
        # Two rounds that swing together, and one that does not.
        found = results(1000, (100, 110), (1000, 1150), (100, 900))
        self.assertEqual([round(ratio, 2) for ratio in found.p99_ratios], [1.1, 1.15, 9.0])
        self.assertEqual(goals.missed(idle.goals_of(found)), [])
        missed = goals.missed(idle.goals_of(results(1000, (100, 130), (100, 125), (100, 100))))
        self.assertEqual(len(missed), 1)
        self.assertIn("1.25 times", missed[0])

    def test_the_report_says_what_was_measured(self):
        plan = idle.Plan(
            root=Path(), postern=Path(), loadgen=Path(), connections=1000, rounds=1, seconds=2,
            rate=5000, server_cpu=0, load_cpu=1, progress=print)
        text = idle.text(results(14_700, (100_000, 120_000)), plan, ["head"])
        self.assertIn("14,700 bytes   goal 20,000", text)
        self.assertIn("100 µs alone, 120 µs among 1,000 idle ones", text)
        self.assertIn("1.20 times (1.20..1.20), goal 1.2", text)
        self.assertNotIn("p99", idle.text(results(14_700), plan, ["head"]))


if __name__ == "__main__":
    unittest.main()
