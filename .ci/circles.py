#!/usr/bin/env python3
"""Fails if the rooms of src need each other in a circle.

A room is a folder or a file directly in src. The folders named in INSIDE are looked into as well:
there the rooms are what lies directly in them, but for mod.rs, which all in the folder may name and
which names them all. A room needs another if a path in its code leads there: crate::…, super::… or
self::…, in a `use` or elsewhere. Tests, comments and texts do not count. A name that a module only
passes on from a room of its own is followed to that room; at the crate's root, to any.

    .ci/circles.py [--list] [FOLDER]     --list prints what each room needs; FOLDER is src
"""
import re
import sys
from collections import defaultdict
from pathlib import Path

INSIDE = ["aws", "emulator", "manager", "memory"]

NOT_CODE = re.compile(
    r"""b?r(\#*)".*?"\1 | b?"(?:\\.|[^"\\])*" | b?'(?:\\[^']+|[^'\\])' | //[^\n]* | /\*.*?\*/""",
    re.S | re.X,
)
VISIBILITY = re.compile(r"\bpub\s*\([^)]*\)")
TEST = re.compile(r"\#\[cfg\(test\)\]\s*(?:\#\[[^\]]*\]\s*)*")
START = re.compile(r"(?<![\w:])\$?(crate|super|self)\s*(?=::)")
USE = re.compile(r"\buse\s+(?:::)?(?=[\w{])")
ITEM = re.compile(r"\b(?:struct|enum|union|trait|type|fn|const|static|macro_rules!)\s+(\w+)")


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def code_of(text):
    """The code of a file, line for line, without tests."""
    text = NOT_CODE.sub(lambda found: blank(found[0]), text)
    text = VISIBILITY.sub(lambda found: "pub" + " " * (len(found[0]) - 3), text)
    while found := TEST.search(text):
        end = re.compile(r"[{;]").search(text, found.end()).end()
        depth = int(text[end - 1] == "{")
        while depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        text = text[: found.start()] + blank(text[found.start() : end]) + text[end:]
    return text


def tree(text, at, before=()):
    """The paths of a `use` tree, or the one path elsewhere, each with the name that it is known by."""
    path, name = list(before), re.compile(r"\s*(\w+|\*|\{)\s*")
    while found := name.match(text, at):
        at = found.end()
        if found[1] == "{":
            paths = []
            while not (end := re.compile(r"\s*\}").match(text, at)):
                more, at = tree(text, at, path)
                paths += more
                comma = re.compile(r"\s*,").match(text, at)
                at = comma.end() if comma else at
            return paths, end.end()
        path.append(found[1])
        if not text.startswith("::", at):
            break
        at += 2
    if path[-1] == "self" and len(path) > 1:
        path.pop()
    known = re.compile(r"as\s+(\w+)").match(text, at)
    return [(path, known[1] if known else path[-1])], known.end() if known else at


class Source:
    """The modules of a crate, by their paths."""

    def __init__(self, folder):
        self.code, self.file, self.names, self.globs, self.items = {}, {}, {}, {}, {}
        for file in sorted(folder.rglob("*.rs")):
            parts = file.relative_to(folder).with_suffix("").parts
            module = parts[:-1] if parts[-1] in ("lib", "mod") else parts
            self.file[module], self.code[module] = file, code_of(file.read_text())
        for module, code in self.code.items():
            self.items[module] = set(ITEM.findall(code))
            self.names[module], self.globs[module] = {}, []
            for found in USE.finditer(code):
                for path, name in tree(code, found.end())[0]:
                    if name == "*":
                        self.globs[module].append(path[:-1])
                    else:
                        self.names[module][name] = path

    def resolve(self, module, path, seen=frozenset()):
        """The module that a path in this one leads to; None if it leads to another crate."""
        if (module, tuple(path)) in seen:
            return None
        seen |= {(module, tuple(path))}
        if path[0] == "crate":
            here, path = (), path[1:]
        elif path[0] in ("self", "super"):
            here = module
            while path and path[0] in ("self", "super"):
                here, path = (here[:-1] if path[0] == "super" else here), path[1:]
        elif module + (path[0],) in self.code:
            here = module
        else:
            return None
        for name in path:
            if here + (name,) in self.code:
                here += (name,)
                continue
            there = self.passed_on(here, name, seen)
            return there if there is not None else here
        return here

    def passed_on(self, module, name, seen):
        """The module that a name of this one comes from, if that is one of its own rooms."""
        sources = []
        if name in self.names[module]:
            sources = [self.resolve(module, self.names[module][name], seen)]
        elif name not in self.items[module]:
            sources = [self.resolve(module, path, seen) for path in self.globs[module]]
            sources = [there for there in sources if there and name in self.items[there]]
        for there in sources:
            if there and there[: len(module)] == module and there != module:
                return there
        return None

    def paths(self):
        """Each path in the code: its module, the module it leads to, its line, and its text."""
        for module, code in self.code.items():
            for found in START.finditer(code):
                for path, _ in tree(code, found.start(1))[0]:
                    there = self.resolve(module, path)
                    line = code.count("\n", 0, found.start()) + 1
                    yield module, there, line, "::".join(path)


def circles(needs):
    """The strongly connected sets of more than one room."""
    reach = {room: set(needs[room]) for room in needs}
    for middle in list(reach):
        for room in reach:
            if middle in reach[room]:
                reach[room] |= reach[middle]
    sets = {frozenset(b for b in reach[a] if a in reach.get(b, ())) for a in reach if a in reach[a]}
    return sorted(sorted(found) for found in sets)


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--list"]
    listed = len(arguments) < len(sys.argv) - 1
    source = Source(Path(arguments[0] if arguments else "src"))
    failed = False
    for level in [(), *((name,) for name in INSIDE)]:
        needs, why, depth = defaultdict(set), defaultdict(list), len(level) + 1
        for module, there, line, text in source.paths():
            if there is None or module[: depth - 1] != level or there[: depth - 1] != level:
                continue
            if len(module) < depth or len(there) < depth or module[depth - 1] == there[depth - 1]:
                continue
            arrow = module[depth - 1], there[depth - 1]
            needs[arrow[0]].add(arrow[1])
            why[arrow].append(f"{source.file[module]}:{line}: {text}")
        title = "/".join(("src", *level))
        if listed:
            print(title)
            for room in sorted(needs):
                print(f"  {room} -> {', '.join(sorted(needs[room]))}")
        for circle in circles(needs):
            failed = True
            print(f"{title}: a circle of {', '.join(circle)}")
            for arrow in sorted(why):
                if set(arrow) <= set(circle):
                    more = f" and {len(why[arrow]) - 1} more" if len(why[arrow]) > 1 else ""
                    print(f"  {arrow[0]} -> {arrow[1]}: {why[arrow][0]}{more}")
    sys.exit("the rooms of src need each other in circles" if failed else 0)


if __name__ == "__main__":
    main()
