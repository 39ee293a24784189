"""Tables of any size over both Akamai headers, the same for the same size."""

import random

COLUMNS = (
    "akamaiUserRisk.standing", "akamaiUserRisk.score", "akamaiUserRisk.risk.vpn.level",
    "akamaiUserRisk.risk.unp.level", "akamaiUserRisk.emailDomain", "akamaiBot.botScore",
    "akamaiBot.botCategory", "akamaiBot.botScoreResponseSegment")
CATEGORIES = (
    "Web Search Engine Bots", "Behavior Anomaly", "Site Monitoring Bots", "SEO Bots",
    "Impersonators of Known Bots", "Browser Impersonator", "Development Frameworks",
    "HTTP Libraries")
DOMAINS = ("example.com", "example.org", "example.net", "mail.example", "post.example",
           "corp.example")
SEGMENTS = ("human", "cautious", "strict", "aggressive", "safeguard")
VERDICTS = ("allow", "mfa", "review", "deny")


def source(rule_count: int) -> str:
    """A table of that many rules; the last one takes what no other did.

    Each rule names a few scores and three things more, as policies do that grew by one incident
    after the other: most logins fall through most rules."""
    head = ["rule", *COLUMNS, "verdict", "reason"]
    lines = [
        "---", f"name: rules-{rule_count}", "trigger: post-login", "hitPolicy: FIRST",
        "mode: enforce", "---", f"# {rule_count} rules over both Akamai headers", "", "## Rules", "",
        _line(head), "|" + "---|" * len(head), *map(_line, rows(rule_count))]
    return "\n".join(lines) + "\n"


def rows(rule_count: int) -> list[list[str]]:
    """The cells of its rules, each with its name before and its verdict and reason behind."""
    numbers = random.Random(rule_count)
    named = [_row(numbers, number) for number in range(1, rule_count)]
    return [*named, ["rest", *["-"] * len(COLUMNS), "allow", ""]]


def _row(numbers: random.Random, number: int) -> list[str]:
    cells = ["-"] * len(COLUMNS)
    cells[1] = _window(numbers)
    for column in numbers.sample([0, 2, 3, 4, 5, 6, 7], 3):
        cells[column] = {
            0: lambda: numbers.choice(('"full"', '"noProfile"')),
            2: lambda: f'"{numbers.choice("LMH")}"',
            3: lambda: f'"{numbers.choice("LMH")}"',
            4: lambda: f'"{numbers.choice(DOMAINS)}"' if numbers.random() < 0.1
            else f'"site-{numbers.randrange(200)}.example"',
            5: lambda: _window(numbers),
            6: lambda: f'"{numbers.choice(CATEGORIES)}"',
            7: lambda: f'"{numbers.choice(SEGMENTS)}"',
        }[column]()
    return [f"r{number}", *cells, numbers.choice(VERDICTS), f"incident {number}"]


def _window(numbers: random.Random) -> str:
    low = numbers.randrange(98)
    return f"[{low}..{low + numbers.randrange(1, 4)})"


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
