"""Takes a piece out of a file of this repository, so that a page shows what is really there.

    {{#cut connectors/contoso/src/encode.rs "pub fn end("}}
    {{#cut connectors/contoso/scenarios/contoso.toml "[exchanges.start]" "repeatable"}}

The path counts from the repository's root. The piece begins at the first line that holds the first text. It ends with
the line that holds the second text, or, without one, where the block ends: by indentation. A text that is not there is
an error: a page never shows an empty piece.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DIRECTIVE = re.compile(r'\{\{#cut\s+(\S+)\s+"((?:[^"\\]|\\.)*)"(?:\s+"((?:[^"\\]|\\.)*)")?\s*\}\}')
CLOSING = ("}", ")", "]", "]);", "*/")


class Missing(Exception):
    """What a page asks for is not there."""


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _end(lines: list[str], first: int, suffix: str) -> int:
    """The last line of the block that begins at `first`."""
    depth = _indent(lines[first])
    if suffix == ".toml":
        after = (i for i in range(first + 1, len(lines)) if not lines[i].strip())
        return next(after, len(lines)) - 1
    last = first
    # A whole member or statement on one line.
    line = lines[first].rstrip()
    if line.endswith((",", ";")) and all(line.count(a) == line.count(b) for a, b in ("()", "[]", "{}")):
        return first
    opened = lines[first].rstrip().endswith(("{", "(", "[", ":", ",", "|", "=>", "->", "where"))
    if not opened and lines[first].rstrip().endswith((";", "}", ")")):
        return first
    for i in range(first + 1, len(lines)):
        line = lines[i]
        if not line.strip():
            continue
        if _indent(line) > depth:
            last = i
            continue
        if line.strip().startswith(CLOSING):
            last = i
            if line.rstrip().endswith(("{", "(", ":", "->")) or re.search(r"\)\s*(->.*)?:$", line.rstrip()):
                continue  # The end of a signature, not of its body.
            return last
        if suffix == ".py" or last > first:
            return last
        last = i
    return last


def cut(path: str, begin: str, end: str | None) -> str:
    """The piece, without the indentation of its first line."""
    file = ROOT / path
    if not file.is_file():
        raise Missing(f"{path}: no such file")
    lines = file.read_text(encoding="utf-8").splitlines()
    first = next((i for i, line in enumerate(lines) if begin in line), None)
    if first is None:
        raise Missing(f"{path}: no line holds {begin!r}")
    if end is None:
        last = _end(lines, first, file.suffix)
    else:
        found = next((i for i in range(first, len(lines)) if end in lines[i]), None)
        if found is None:
            raise Missing(f"{path}: after {begin!r} no line holds {end!r}")
        last = found
    depth = _indent(lines[first])
    return "\n".join(line[depth:] if not line[:depth].strip() else line for line in lines[first : last + 1])


def expand(text: str) -> str:
    """A page with its pieces in it; each says where it is from."""

    def piece(found: re.Match[str]) -> str:
        end = found.group(3)
        return cut(found.group(1), _plain(found.group(2)), None if end is None else _plain(end))

    return DIRECTIVE.sub(piece, text)
