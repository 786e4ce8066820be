"""What the kit asks of a connector: its checks, and its advice for failures, read from the code that judges by them."""

import re

from cut import ROOT, Missing

WORDS = {
    "Never": "`never`",
    "Safe": "`safe`",
    "Unknown": "`unknown-outcome`",
    "UnknownUnlessRepeatable": "`unknown-outcome`, or `safe` where the request may be made twice",
    "Success": "or success",
}
RULE = re.compile(
    r'name: "(?P<name>[^"]+)",\s*advice: &\[(?P<advice>[^\]]*)\],'
    r'\s*reasons: &\[(?P<reasons>[^\]]*)\],\s*why: "(?P<why>[^"]+)"'
)


def failures() -> str:
    """One line for each fault that the kit plays."""
    source = (ROOT / "host/kit/src/advice.rs").read_text(encoding="utf-8")
    rules = list(RULE.finditer(source))
    count = re.search(r"RULES: \[Rule; (\d+)\]", source)
    # The one for no connection stands by itself.
    if not count or len(rules) != int(count[1]) + 1:
        raise Missing("host/kit/src/advice.rs: its table is not where docs/tools/kit.py looks for it")
    lines = ["| the vendor answers | retry | reason | because |", "| --- | --- | --- | --- |"]
    for rule in rules:
        advice = []
        for word in filter(None, re.split(r",\s*", rule["advice"].strip().rstrip(","))):
            name = word.removeprefix("Advice::")
            after = re.fullmatch(r"SafeAfter\(([0-9_]+)\)", name)
            advice.append(f"`safe` after {after[1].replace('_', ' ')} ms" if after else WORDS[name])
        reasons = re.findall(r'"([^"]+)"', rule["reasons"])
        told = " or ".join(f"`{reason}`" for reason in reasons) or "any"
        joined = "; ".join(advice).replace("; or ", ", or ")
        lines.append(f"| {rule['name']} | {joined} | {told} | {rule['why']} |")
    return "\n".join(lines)


CHECK = re.compile(r'\bc\(\s*(?P<name>"[a-z-]+"|[A-Z]+),\s*(?P<level>Bronze|Silver|Gold),\s*"(?P<title>[^"]+)"')


def checks() -> str:
    """One line for each check, by level."""
    source = (ROOT / "host/kit/src/checks/mod.rs").read_text(encoding="utf-8")
    constants = dict(re.findall(r'const ([A-Z]+): &str = "([a-z-]+)"', source))
    found = list(CHECK.finditer(source))
    # The closure's own definition is no call.
    if not found or len(found) != len(re.findall(r"\bc\(", source)):
        raise Missing("host/kit/src/checks/mod.rs: its list is not where docs/tools/kit.py looks for it")
    waivable = re.search(r"WAIVABLE: \[&str; \d+\] = \[([^\]]+)\]", source)
    if not waivable:
        raise Missing("host/kit/src/checks/mod.rs: what may be waived is not where docs/tools/kit.py looks for it")
    lines = ["| level | check | asks |", "| --- | --- | --- |"]
    for check in found:
        name = check["name"].strip('"')
        name = constants.get(name, name)
        may = "; may be waived" if f'"{name}"' in waivable[1] else ""
        lines.append(f"| {check['level'].lower()} | `{name}` | {check['title']}{may} |")
    return "\n".join(lines)
