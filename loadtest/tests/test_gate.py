"""The gate itself, on a microbench and a valgrind that say what a test tells them to."""

import json
import os
import platform
import subprocess
import tempfile
import unittest
from pathlib import Path

GATE = Path(__file__).resolve().parents[1] / "gate"

VALGRIND = """#!/bin/sh
# The last two arguments are `--calls N`; each call takes $COUNT instructions, the start 5,000.
for word; do
  last=$word
  case $word in *:8:0) COUNT=$((2 * COUNT)) ;; *:8:*) COUNT=$((BESIDE * COUNT)) ;; esac
done
echo "==1== Collected : $((5000 + COUNT * last))" >&2
"""
MICROBENCH = """#!/bin/sh
echo '{"rounds": 1, "results": [{"name": "scan/1", "allocationsPerCall": '"$ALLOCATIONS"'}]}'
"""
STRIP = """#!/bin/sh
cp "$3" "$2"
"""
SWIFTC = """#!/bin/sh
echo "Swift version ${SWIFT:-6.3.1} (swift-RELEASE)"
"""


class GateTests(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        for name, text in (("valgrind", VALGRIND), ("microbench", MICROBENCH), ("strip", STRIP),
                           ("swiftc", SWIFTC)):
            (self.directory / name).write_text(text)
            (self.directory / name).chmod(0o755)
        self.baseline = self.directory / "instructions.json"
        self.skipped = self.directory / "skipped"

    def gate(self, *options, count=1000, allocations=0, swift="6.3.1", beside=2):
        environment = {
            **os.environ, "PATH": f"{self.directory}:{os.environ['PATH']}", "COUNT": str(count),
            "ALLOCATIONS": str(allocations), "SWIFT": swift, "BESIDE": str(beside),
            "POSTERN_SKIPPED": str(self.skipped)}
        return subprocess.run(
            [str(GATE), "--microbench", str(self.directory / "microbench"), "--baseline",
             str(self.baseline), *options], capture_output=True, text=True, env=environment)

    def test_equal_counts_pass(self):
        self.assertEqual(self.gate("--update", "--reason", "first counts").returncode, 0)
        done = self.gate()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("(+0.0 %)", done.stdout)

    def test_three_per_cent_more_pass_and_more_than_that_fails_with_what_to_do(self):
        self.gate("--update", "--reason", "first counts")
        self.assertEqual(self.gate(count=1030).returncode, 0)
        done = self.gate(count=1031)
        self.assertEqual(done.returncode, 1)
        self.assertIn("scan", done.stderr)
        self.assertIn("1,031 instructions, baseline   1,000 (+3.1 %)", done.stderr)
        self.assertIn("--update --reason", done.stderr)

    def test_a_baseline_edited_by_hand_is_refused(self):
        self.gate("--update", "--reason", "first counts")
        document = json.loads(self.baseline.read_text())
        for entry in document.values():
            entry["counts"]["scan"] = 2000
        self.baseline.write_text(json.dumps(document))
        done = self.gate()
        self.assertEqual(done.returncode, 3)
        self.assertIn("do not edit them", done.stderr)

    def test_an_update_keeps_its_reason_and_lets_the_new_count_pass(self):
        self.gate("--update", "--reason", "first counts")
        self.gate("--update", "--reason", "reads more", count=2000)
        self.assertEqual(self.gate(count=2000).returncode, 0)
        changes = next(iter(json.loads(self.baseline.read_text()).values()))["changes"]
        self.assertEqual([change["reason"] for change in changes], ["first counts", "reads more"])

    def test_an_update_takes_no_growth_that_nobody_has_to_explain(self):
        self.gate("--update", "--reason", "first counts")
        self.gate("--update", "--reason", "something else", count=1030)
        done = self.gate(count=1031)
        self.assertEqual(done.returncode, 1)
        changes = next(iter(json.loads(self.baseline.read_text()).values()))["changes"]
        self.assertEqual([change["reason"] for change in changes], ["first counts"])

    def test_an_update_needs_a_reason(self):
        self.assertEqual(self.gate("--update").returncode, 2)
        self.assertEqual(self.gate("--reason", "why").returncode, 2)

    def test_fewer_instructions_pass_and_tell_how_to_keep_the_gain(self):
        self.gate("--update", "--reason", "first counts")
        done = self.gate(count=900)
        self.assertEqual(done.returncode, 0)
        self.assertIn("keep the gain", done.stdout)

    def test_another_compiler_has_counts_of_its_own(self):
        self.gate("--update", "--reason", "first counts")
        done = self.gate(count=5000, swift="6.4")
        self.assertEqual(done.returncode, 0)
        self.assertIn("WARNING: NOTHING WAS COMPARED: no baseline for `swift-6.4", done.stderr)
        self.assertIn(f"no baseline for `swift-6.4 {platform.machine()}`", self.skipped.read_text())
        self.assertEqual(len(self.skipped.read_text().splitlines()), 1)
        self.skipped.unlink()
        self.assertNotIn("WARNING", self.gate().stderr)
        self.assertFalse(self.skipped.exists())

    def test_an_operation_without_a_baseline_beside_others_fails(self):
        self.gate("--update", "--reason", "first counts")
        document = json.loads(self.baseline.read_text())
        for entry in document.values():
            for counts in (entry["counts"], entry["changes"][0]["counts"]):
                del counts["scan"]
        self.baseline.write_text(json.dumps(document))
        done = self.gate()
        self.assertEqual(done.returncode, 1)
        self.assertIn("scan: no count in the baseline", done.stderr)

    def test_allocations_that_cannot_be_counted_are_said_to_be_skipped(self):
        self.gate("--update", "--reason", "first counts")
        left_out = MICROBENCH.replace(""", "allocationsPerCall": '"$ALLOCATIONS"'""", "")
        for text, allocations in ((MICROBENCH, "null"), (left_out, "0")):
            (self.directory / "microbench").write_text(text)
            done = self.gate(allocations=allocations)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("WARNING: ALLOCATIONS WERE NOT COUNTED", done.stderr)
            self.assertIn("ALLOCATIONS WERE NOT COUNTED", self.skipped.read_text())
            self.assertIn("in 1 of its 1 benchmarks", self.skipped.read_text())
            self.skipped.unlink()

    def test_a_microbench_that_measures_nothing_is_an_error(self):
        (self.directory / "microbench").write_text("#!/bin/sh\necho '{\"results\": []}'\n")
        done = self.gate("--update", "--reason", "first counts")
        self.assertEqual(done.returncode, 3)
        self.assertIn("measured nothing", done.stderr)

    def test_an_allocation_fails(self):
        self.gate("--update", "--reason", "first counts")
        done = self.gate(allocations=2)
        self.assertEqual(done.returncode, 1)
        self.assertIn("scan/1: 2 allocations a call, 0 wanted", done.stderr)

    def test_what_candidates_add_is_told_by_table(self):
        done = self.gate("--candidates", beside=5)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), 6)
        self.assertIn("1,000 alone,   2,000 with 8 candidates, 2.00 times", lines[0])
        self.assertIn("1,000 rules, 20 of 20 columns", lines[5])
        self.assertIn("5.00 times", lines[5])

    def test_candidates_may_take_three_times_what_the_table_takes_and_no_more(self):
        self.gate("--update", "--reason", "first counts", beside=3)
        self.assertEqual(self.gate(beside=3).returncode, 0)
        done = self.gate("--update", "--reason", "four times", beside=4)
        self.assertEqual(done.returncode, 1)
        self.assertIn("1,000 rules, 8 candidates: 4.00 times the table alone, 3 is the most", done.stderr)

    def test_a_missing_binary_says_how_to_build_it(self):
        (self.directory / "microbench").unlink()
        done = self.gate()
        self.assertEqual(done.returncode, 3)
        self.assertIn("swift build -c release --product microbench", done.stderr)


if __name__ == "__main__":
    unittest.main()
