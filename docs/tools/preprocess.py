"""mdBook's preprocessor: puts into each page what it takes from elsewhere (`{{#cut …}}` and the names in `MADE`)."""

import json
import sys

import cut
import kit
import wit

MADE = {"wit": wit.page, "failures": kit.failures, "checks": kit.checks}


def expand(text: str) -> str:
    """A page as mdBook renders it."""
    for name, make in MADE.items():
        directive = "{{#%s}}" % name
        if directive in text:
            text = text.replace(directive, make())
    return cut.expand(text)


def chapters(items: list) -> None:
    for item in items:
        chapter = item.get("Chapter") if isinstance(item, dict) else None
        if chapter is None:
            continue
        try:
            chapter["content"] = expand(chapter["content"])
        except cut.Missing as missing:
            sys.exit(f"docs/src/{chapter.get('path')}: {missing}")
        chapters(chapter["sub_items"])


if __name__ == "__main__":
    if sys.argv[1:2] == ["supports"]:
        sys.exit(0)
    _, book = json.load(sys.stdin)
    # `sections` before mdBook 0.5.
    chapters(book["items"] if "items" in book else book["sections"])
    json.dump(book, sys.stdout)
