"""The contract as a page: reads `wit/*.wit` with its comments, which are its documentation.

It knows as much of WIT as this contract uses, and stops at what it does not know.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from cut import ROOT, Missing

# In the order in which one reads them.
FILES = ["types.wit", "connector.wit", "optional.wit", "host.wit", "world.wit"]


@dataclass
class Item:
    kind: str
    name: str
    docs: list[str]
    #: Fields, cases, imports: name, type, documentation.
    members: list[tuple[str, str, str]] = field(default_factory=list)
    signature: str = ""


@dataclass
class Group:
    kind: str
    name: str
    docs: list[str]
    items: list[Item] = field(default_factory=list)
    #: Names used from elsewhere, and where they are from.
    used: dict[str, str] = field(default_factory=dict)


def groups() -> tuple[str, list[Group]]:
    """The package's name, and its interfaces and worlds."""
    folder = ROOT / "wit"
    unread = {file.name for file in folder.glob("*.wit")} - set(FILES)
    if unread:
        raise Missing(f"wit/: {', '.join(sorted(unread))} is not in the reference: name it in docs/tools/wit.py")
    return _package(folder, FILES)


def _package(folder: Path, names: list[str]) -> tuple[str, list[Group]]:
    found: list[Group] = []
    package = ""
    for name in names:
        package = _read((folder / name).read_text(encoding="utf-8"), name, found) or package
    return package, found


def added(before: list[Group]) -> list[tuple[str, list[Group]]]:
    """What later versions add, one folder below `wit/` for each: whole interfaces and worlds."""
    versions = []
    for folder in sorted(path for path in (ROOT / "wit").iterdir() if re.fullmatch(r"[0-9]+\.[0-9]+", path.name)):
        package, found = _package(folder, sorted(file.name for file in folder.glob("*.wit")))
        known = {(group.kind, group.name): {item.name for item in group.items} for group in before}
        for group in found:
            more = {item.name for item in group.items} - known.get((group.kind, group.name), set())
            if group.kind == "interface" and (group.kind, group.name) in known and more:
                raise Missing(f"wit/{folder.name}: {group.name} has more than before, which the reference cannot tell")
        versions.append((package, [group for group in found if (group.kind, group.name) not in known]))
        before = before + versions[-1][1]
    return versions


def _members(kind: str, inner: str) -> list[tuple[str, str, str]]:
    members, docs = [], []
    for line in inner.splitlines():
        line = line.strip()
        if line.startswith("///"):
            docs.append(line[3:].strip())
            continue
        for part in filter(None, (part.strip() for part in _split(line))):
            name, kind_of = part, ""
            if kind == "record":
                name, _, kind_of = part.partition(":")
            elif "(" in part:
                name, _, kind_of = part.partition("(")
                kind_of = kind_of.rstrip(")")
            members.append((name.strip().lstrip("%"), kind_of.strip(), " ".join(docs)))
            docs = []
    return members


def _split(line: str) -> list[str]:
    """At commas that are not inside brackets."""
    parts, depth, start = [], 0, 0
    for at, c in enumerate(line):
        depth += (c in "<(") - (c in ">)")
        if c == "," and depth == 0:
            parts.append(line[start:at])
            start = at + 1
    return [*parts, line[start:]]


def _read(source: str, file: str, found: list[Group]) -> str | None:
    package, docs, group = None, [], None
    lines = iter(source.splitlines())
    for raw in lines:
        line = raw.strip()
        if not line or (line.startswith("//") and not line.startswith("///")):
            if not line.startswith("//"):
                docs = []
            continue
        if line.startswith("///"):
            docs.append(line[3:].strip())
        elif line.startswith("@since("):
            pass  # The version is that of the folder.
        elif line.startswith("package "):
            package = line[8:].rstrip(";")
        elif opened := re.match(r"(interface|world) ([a-z0-9-]+) \{(.*)$", line):
            group = Group(opened[1], opened[2], docs)
            found.append(group)
            docs, rest = [], opened[3].strip()
            if rest.endswith("}"):
                _world(group, rest[:-1], docs)
                group = None
        elif line == "}":
            group = None
        elif group is None:
            raise Missing(f"wit/{file}: {line!r} is not understood")
        elif line.startswith("use "):
            where, _, names = line[4:].rstrip(";").partition(".{")
            group.used.update({name.strip(): where for name in names.rstrip("}").split(",")})
        elif re.match(r"(import|export|include) ", line):
            _world(group, line, docs)
            docs = []
        elif of := re.match(r"type ([a-z0-9-]+) = (.+);", line):
            group.items.append(Item("type", of[1], docs, signature=of[2]))
            docs = []
        elif of := re.match(r"(record|variant|enum|flags) ([a-z0-9-]+) \{(.*)$", line):
            inner = of[3]
            while not inner.rstrip().endswith("}"):
                inner += "\n" + next(lines)
            inner = inner.rstrip()[:-1]
            group.items.append(Item(of[1], of[2], docs, _members(of[1], inner)))
            docs = []
        elif of := re.match(r"%?([a-z0-9-]+): (func\(.*)", line):
            signature = of[2]
            while not signature.endswith(";"):
                signature += " " + next(lines).strip()
            group.items.append(Item("func", of[1], docs, signature=signature.rstrip(";")))
            docs = []
        else:
            raise Missing(f"wit/{file}: {line!r} is not understood")
    return package


def _world(group: Group, text: str, docs: list[str]) -> None:
    for part in filter(None, (part.strip() for part in text.split(";"))):
        verb, _, name = part.partition(" ")
        group.items.append(Item(verb, name, docs))


def page() -> str:
    """The reference in Markdown."""
    package, first = groups()
    later = added(first)
    found = [group for _, some in [(package, first), *later] for group in some]
    homes = {(group.name, item.name) for group in found for item in group.items}
    interfaces = {group.name for group in found if group.kind == "interface"}
    begins = {some[0].name: name for name, some in later if some}

    def linked(type_: str, group: Group) -> str:
        if not type_:
            return ""
        # Markdown has no links inside code.
        def link(found: re.Match[str]) -> str:
            home = group.used.get(found[0], group.name)
            return f'<a href="#{home}-{found[0]}">{found[0]}</a>' if (home, found[0]) in homes else found[0]

        parts = re.split(r"([<>])", type_)
        shown = [{"<": "&lt;", ">": "&gt;"}.get(part) or re.sub(r"[a-z][a-z0-9-]*", link, part) for part in parts]
        return f"<code>{''.join(shown)}</code>"

    out = [f"The package is `{package}`. This page is made from `wit/*.wit` each time the book is built."]
    for group in found:
        if group.name in begins:
            version = begins[group.name].partition("@")[2]
            out += ["", f"## Added by {version} {{#added-{version.replace('.', '-')}}}", ""]
            where = f"contract.md#contract-{''.join(version.split('.')[:2])}"
            out.append(f"All of the above is in `{begins[group.name]}`, too, unchanged. [Where to get it]({where}).")
        title = f"{group.kind.capitalize()} `{group.name}`"
        out += ["", f"## {title} {{#{group.kind}-{group.name}}}", "", *group.docs]
        if group.kind == "world":
            out.append("")
            for item in group.items:
                name = f"[`{item.name}`](#interface-{item.name})" if item.name in interfaces else f"`{item.name}`"
                out.append(f"- {item.kind} {name}")
            continue
        for item in group.items:
            out += ["", f"### `{item.name}` {{#{group.name}-{item.name}}}", ""]
            if item.kind == "func":
                out += ["```wit", f"{item.name}: {item.signature}", "```", "", *item.docs]
                names = re.findall(r"[a-z][a-z0-9-]*", item.signature)
                links = [
                    f"[{name}](#{group.used.get(name, group.name)}-{name})"
                    for name in dict.fromkeys(names)
                    if (group.used.get(name, group.name), name) in homes and name != item.name
                ]
                if links:
                    out += ["", f"See {', '.join(links)}."]
            elif item.kind == "type":
                out += [f"Type: `{item.signature}`.", "", *item.docs]
            else:
                out += [f"{item.kind.capitalize()}. {' '.join(item.docs)}".rstrip(), ""]
                word = {"record": "field", "variant": "case", "enum": "case"}.get(item.kind, "flag")
                of_type = any(kind for _, kind, _ in item.members)
                out += [f"| {word} | type | |", "| --- | --- | --- |"] if of_type else [f"| {word} | |", "| --- | --- |"]
                for name, kind, docs in item.members:
                    cells = [f"`{name}`", *([linked(kind, group)] if of_type else []), docs.replace("|", "\\|")]
                    out.append("| " + " | ".join(cells) + " |")
    return "\n".join(out)
