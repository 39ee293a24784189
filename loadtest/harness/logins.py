"""The logins that the comparison asks with: many kinds, and no two with the same identifiers.

Texts have placeholders as loadtest/scenarios have; no column of `rule_table` reads what they stand for, so
what must be answered depends on the kind alone."""

import random
import re

from . import rule_table
from .rule_table import CATEGORIES, DOMAINS, SEGMENTS

KIND_COUNT = 32


def kinds(rule_count: int) -> list[list[str]]:
    """The header lines of each kind of login for a table of that many rules, the same at every call: one
    half of them is what some rule asks for, the other falls where it falls, mostly through."""
    numbers = random.Random(rule_count)
    chosen = numbers.sample(rule_table.rows(rule_count)[:-1], KIND_COUNT // 2)
    empty = ["-"] * len(rule_table.COLUMNS)
    return [_kind(row[1:-2], numbers) for row in chosen] + [
        _kind(empty, numbers) for _ in range(KIND_COUNT - len(chosen))]


def _kind(cells: list[str], numbers: random.Random) -> list[str]:
    """A login that a rule of these cells is for."""
    def value(column: str, otherwise) -> str:
        cell = cells[rule_table.COLUMNS.index(column)]
        found = re.fullmatch(r'"(.*)"|\[(\d+)\.\.\d+\)', cell)
        return str(otherwise) if found is None else found[1] or found[2]

    standing = value("akamaiUserRisk.standing", numbers.choice(("full", "full", "noProfile")))
    score = value("akamaiUserRisk.score", numbers.randrange(101))
    vpn = value("akamaiUserRisk.risk.vpn.level", numbers.choice("LMH"))
    unp = value("akamaiUserRisk.risk.unp.level", numbers.choice("LMH"))
    domain = value("akamaiUserRisk.emailDomain", numbers.choice(DOMAINS))
    bot_score = value("akamaiBot.botScore", numbers.randrange(101))
    category = value("akamaiBot.botCategory", numbers.choice(CATEGORIES))
    segment = value("akamaiBot.botScoreResponseSegment", numbers.choice(SEGMENTS))
    return [
        "Akamai-User-Risk: uuid={hex:8}-{hex:4}-4a3c-8d7a-{hex:12};"
        f"username=user{{int:10000..99999}}@{domain};emailDomain={domain};"
        "ouid=m{int:100000..999999};requestid={hex:6};"
        f"status={0 if standing == 'full' else 2};score={score};"
        "general=aci:0|db:Chrome 85|di:{hex:40}|do:Mac OS X 10;"
        f"risk=vpn:true/{vpn}|unp:{{int:10000..99999}}/{unp};"
        "trust=udbp:Chrome 85|udfp:{hex:40}|udop:Mac OS X 10|ugp:FR|utp:weekday_3;"
        "allow=0;action=monitor",
        f"Akamai-Bot: Unknown Bot ({{hex:32}}):monitor:{category}:{bot_score}:{segment}"]


def example(text: str) -> str:
    """One login of a kind: as long as each of them."""
    text = re.sub(r"\{hex:(\d+)\}", lambda found: "a" * int(found[1]), text)
    return re.sub(r"\{int:(\d+)\.\.\d+\}", lambda found: found[1], text)
