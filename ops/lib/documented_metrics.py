"""What ops/metrics.md says of metrics, held against what a server shows."""

import pathlib
import re


def documented():
    """The labels of each metric, by its name as it is in a scrape."""
    labels = {}
    text = (pathlib.Path(__file__).parents[1] / "metrics.md").read_text(encoding="utf-8")
    for names, words in re.findall(r"^\| (`postern_[^|]*) \|([^|]*)\|", text, flags=re.MULTILINE):
        for name in re.findall(r"`(\w+)`", names):
            labels[name] = set(re.findall(r"`(\w+)`", words))
    return labels


def differences(scrape):
    """Metrics of a scrape that are not documented, or have other labels than those: a text each."""
    known = documented()
    found = []
    for family, kind in re.findall(r"^# TYPE (\S+) (\S+)$", scrape, flags=re.MULTILINE):
        name = family + ("_total" if kind == "counter" else "")
        # A histogram's bounds have a label of their own, its sum and count have not.
        suffix = "_bucket" if kind == "histogram" else ""
        samples = re.findall(rf"^{name}{suffix}(\{{.*\}})? \S+$", scrape, flags=re.MULTILINE)
        labels = [set(re.findall(r'[{,](\w+)="(?:[^"\\]|\\.)*"', sample)) for sample in samples]
        if name not in known:
            found.append(f"{name} is not documented")
        found += sorted({f"{name} has {sorted(each)}, documented are {sorted(known[name])}"
                         for each in labels if name in known and each != known[name]})
    return found
