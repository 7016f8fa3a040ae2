#!/usr/bin/env python3
"""Fails if what is written about the dependencies is not what they are.

- The table "Dependencies" of ARCHITECTURE.md has one row for each dependency of Cargo.toml, with a reason.
- A crate of which Cargo.lock has several versions is in the list `skip` of deny.toml, with all its versions but
  the newest, and each with a reason.
- Every tool that the checks install has one exact version.
"""
import re
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

EXACT = r"\d+\.\d+\.\d+"


def read_toml(path):
    return tomllib.loads(Path(path).read_text())


def reasons():
    """The rows of the table: each crate with its reason."""
    text = Path("ARCHITECTURE.md").read_text().split("\n## Dependencies\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| *([^|]+?) *\| *([^|]*?) *\|$", text, re.M)
    return [(name, reason) for name, reason in rows if name != "crate" and set(name) != {"-"}]


def check_reasons():
    rows = reasons()
    named = [name for name, _ in rows]
    used = set()
    for table in ("dependencies", "dev-dependencies", "build-dependencies"):
        used |= set(read_toml("Cargo.toml").get(table, {}))
    yield from (f"ARCHITECTURE.md: no reason for {name}" for name in sorted(used - set(named)))
    yield from (f"ARCHITECTURE.md: {name} is not in Cargo.toml" for name in sorted(set(named) - used))
    yield from (f"ARCHITECTURE.md: {name} is there twice" for name in sorted(set(named)) if named.count(name) > 1)
    yield from (f"ARCHITECTURE.md: {name} has no reason" for name, reason in rows if not reason)


def older_versions():
    """The versions of each crate in Cargo.lock but the newest."""
    found = defaultdict(set)
    for package in read_toml("Cargo.lock")["package"]:
        found[package["name"]].add(package["version"])
    key = lambda version: [int(part) for part in re.findall(r"\d+", version)[:3]]
    return {f"{name}@{version}" for name, all in found.items() for version in sorted(all, key=key)[:-1]}


def check_versions():
    older = older_versions()
    skipped = read_toml("deny.toml")["bans"].get("skip", [])
    named = {one["crate"] for one in skipped}
    yield from (f"deny.toml: {one} beside a newer version: say why in skip, or update" for one in sorted(older - named))
    yield from (f"deny.toml: skip has {one}, which is not an older version in Cargo.lock" for one in sorted(named - older))
    yield from (f"deny.toml: skip has {one['crate']} without a reason" for one in skipped if not one.get("reason"))


def check_tools():
    texts = {path: path.read_text() for path in sorted(Path(".ci").iterdir()) if path.name == "run" or path.suffix == ".sh"}
    count = 0
    for path, text in texts.items():
        for name, version in re.findall(r"^(\w+_version)=(\S+)$", text, re.M):
            count += 1
            if not re.fullmatch(EXACT, version):
                yield f"{path}: {name}={version} is not an exact version"
        for name, version in re.findall(r"\$\(tool ([\w-]+) ([^\s)]+)", text):
            count += 1
            if not re.fullmatch(EXACT, version):
                yield f"{path}: {name} {version} is not an exact version"
        for line in re.findall(r"^.*(?:cargo install|pip install|npm pack|python_tool) .*$", text, re.M):
            for package in re.findall(r'"([a-z$][^"/ ]*)"', line):
                count += 1
                if not re.search(rf"^\$\w+$|^\$\{{\w+\[@\]\}}$|(@|==)(\$\w+|{EXACT})$", package):
                    yield f"{path}: {package} is installed without an exact version"
        for package in re.findall(r'"([\w\[\],-]+[^"\s=]*=[^"]*|[\w-]+)"', "".join(re.findall(r"^python_requirements=\((.*?)\)$", text, re.M | re.S))):
            count += 1
            if not re.search(rf"==(\$\w+|{EXACT})$", package):
                yield f"{path}: {package} is installed without an exact version"
    for path in sorted(Path("tests/tools").glob("*.txt")):
        for line in path.read_text().splitlines():
            count += not line.startswith("#")
            if not re.fullmatch(r"#.*|[\w-]+==\d[\d.]*(post\d+)?", line):
                yield f"{path}: {line} is not an exact version"
    if not count:
        yield ".ci: no tool was found: nothing was looked at"


def main():
    problems = [*check_reasons(), *check_versions(), *check_tools()]
    print("\n".join(problems), end="\n" if problems else "", file=sys.stderr)
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
