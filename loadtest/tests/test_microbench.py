"""What microbench makes of rounds and runs, in runs that are too short for their times."""

import json
import subprocess
import unittest
from pathlib import Path

MICROBENCH = Path(__file__).resolve().parents[2] / ".build/release/microbench"
SIZES = (64, 128, 256, 512, 1000, 1500, 2000, 2500, 3000, 4000, 5000, 8000, 10_000, 100_000)
TABLE = "scale/{} rules x 20 columns"
EDITED = {0: "", 3: ", 3 columns of each edited", 20: ", 20 columns of each edited"}
# By name, what is over what.
RATIOS = {
    **{f"{size} rules: slowest inputs over typical ones": (
        f"{TABLE.format(size)}, slowest inputs", TABLE.format(size)) for size in SIZES},
    **{f"{size} rules: worst case as printed, over {kind} inputs": (
        f"{TABLE.format(size)}, worst case as printed", TABLE.format(size) + words)
       for size in (64, 1000, 10_000, 100_000)
       for kind, words in (("typical", ""), ("slowest", ", slowest inputs"))},
    **{f"{size} rules over half as many": (TABLE.format(size), TABLE.format(size // 2))
       for size in (2000, 3000, 4000, 5000, 8000, 10_000)},
    **{f"{size} rules: 8 candidates over the table alone, {edited} columns of each edited": (
        f"scale/{size} rules, 8 candidates{words}", TABLE.format(size))
       for size in (64, 1000, 4000, 10_000) for edited, words in EDITED.items()},
}


def microbench(*options: str) -> str:
    return subprocess.run(
        [str(MICROBENCH), *options], capture_output=True, text=True, check=True, timeout=300).stdout


@unittest.skipUnless(MICROBENCH.exists(), "swift build -c release --product microbench")
class RatioTests(unittest.TestCase):
    def test_a_ratio_of_one_round_is_that_of_the_two_times(self):
        found = json.loads(microbench("--filter", "scale/", "--rounds", "1", "--json"))
        times = {result["name"]: result["nanosecondsMedian"] for result in found["results"]}
        measured = set(times)
        self.assertEqual({ratio["name"] for ratio in found["ratios"]}, RATIOS.keys())
        for ratio in found["ratios"]:
            numerator, denominator = RATIOS[ratio["name"]]
            # What is printed is measured by nobody: the same over one time as over another.
            time = times.setdefault(numerator, ratio["median"] * times[denominator])
            self.assertEqual(numerator.endswith("as printed"), numerator not in measured, ratio)
            self.assertAlmostEqual(ratio["median"], time / times[denominator], msg=ratio)
            self.assertEqual((ratio["lowest"], ratio["highest"]), (ratio["median"],) * 2)

    def test_of_three_runs_there_are_the_lowest_and_the_highest(self):
        found = json.loads(microbench("--filter", "/64 rules", "--rounds", "1", "--runs", "3", "--json"))
        self.assertEqual((found["rounds"], found["runs"]), (1, 3))
        names = [result["name"] for result in found["results"]]
        self.assertEqual(len(names), len(set(names)))
        for result in found["results"]:
            self.assertLess(result["nanosecondsLowest"], result["nanosecondsHighest"], result)
            self.assertLessEqual(result["nanosecondsLowest"], result["nanosecondsMedian"], result)
            self.assertLessEqual(result["nanosecondsMedian"], result["nanosecondsHighest"], result)
            # Of one round each, the fastest is the lowest but for what is taken off both.
            self.assertLessEqual(result["nanosecondsFastest"], result["nanosecondsLowest"] + 1e-6, result)
        # Slowest inputs, two of the printed worst case, three of candidates, and what counting costs.
        self.assertEqual(len(found["ratios"]), 7)
        self.assertIn("cycle/64 rules x 8 columns, counted, over not", [ratio["name"] for ratio in found["ratios"]])
        for ratio in found["ratios"]:
            self.assertTrue(ratio["lowest"] <= ratio["median"] <= ratio["highest"], ratio)
            self.assertLess(ratio["lowest"], ratio["highest"], ratio)

    def test_one_run_has_no_lowest_and_no_highest_of_its_runs(self):
        found = json.loads(microbench("--filter", "control/", "--rounds", "3", "--json"))
        self.assertEqual(found["ratios"], [])
        for result in found["results"]:
            self.assertEqual(result.keys() & {"nanosecondsLowest", "nanosecondsHighest"}, set())

    def test_a_ratio_whose_one_side_was_not_measured_is_left_out(self):
        text = microbench("--filter", "scale/2000 rules", "--rounds", "1")
        self.assertIn("2000 rules: slowest inputs over typical ones", text)
        self.assertNotIn("over half as many", text)

    def test_the_text_says_how_many_runs_and_rounds(self):
        text = microbench("--filter", "control/", "--rounds", "3", "--runs", "2")
        self.assertIn("lowest ns  highest ns", text)
        self.assertIn("medians of 2 runs of 3 rounds", text)
        self.assertNotIn("medians of", microbench("--filter", "control/", "--rounds", "3"))

    def test_runs_are_one_to_a_hundred(self):
        for runs in ("0", "101"):
            done = subprocess.run([str(MICROBENCH), "--runs", runs], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2)
            self.assertIn("--runs must be from 1 to 100", done.stderr)


if __name__ == "__main__":
    unittest.main()
