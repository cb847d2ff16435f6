"""Refuses changes that would break somebody: ``python -m tools.compatibility [--accept]``.

Two readers must survive a change within one version of a type. A consumer that still runs the previous version
reads new messages, and a consumer of the new version reads the old messages, since the log is kept for ever. So only
new optional fields, new types and new topics are additive; whatever else changes what is valid is breaking.

The generated schemas are compared with the committed baseline (``contracts/baseline/published.json``: what has been
published) and, where git is at hand, with the last commit. ``--accept`` moves the baseline forward and refuses to
while something breaks.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.topics import TOPICS
from tools.generators.asyncapi import messages_of
from tools.generators.schemas import event_schemas

ROOT = Path(__file__).parents[1]
BASELINE = Path("contracts/baseline/published.json")
OPEN_ENUMS: frozenset[str] = frozenset()
"""Paths (``type/field/field``) whose lists may grow: their consumers treat an unknown value as "other"."""

_ANNOTATIONS = frozenset({"title", "description", "examples", "$id", "$schema", "$comment", "deprecated"})
_STRUCTURE = frozenset(
    {
        "properties",
        "required",
        "enum",
        "const",
        "anyOf",
        "type",
        "items",
        "additionalProperties",
        "propertyNames",
    }
)

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: where, what, and whether it breaks a reader."""

    path: str
    what: str
    breaking: bool

    def __str__(self) -> str:
        return f"{'BREAKING' if self.breaking else 'additive'}: {self.path}: {self.what}"


def published() -> Schema:
    """Return what the contracts publish now, reduced to what readers depend on."""
    return reduced(event_schemas(), {name: topic.partitions for name, topic in TOPICS.items()})


def reduced(schemas: Mapping[str, Schema], partitions: Mapping[str, int]) -> Schema:
    """Schemas without annotations and references, and the topics with their types."""
    return {
        "topics": {
            topic: {"partitions": count, "types": sorted(messages_of(topic))}
            for topic, count in partitions.items()
        },
        "schemas": {name: _plain(schema, schema.get("$defs", {})) for name, schema in schemas.items()},
    }


def changes(old: Schema, new: Schema, open_enums: frozenset[str] = OPEN_ENUMS) -> list[Change]:
    """Return every difference between two published states."""
    found = [*_topic_changes(old["topics"], new["topics"])]
    for name in sorted(old["schemas"].keys() | new["schemas"].keys()):
        if name not in new["schemas"]:
            found.append(Change(name, "the type is gone", breaking=True))
        elif name not in old["schemas"]:
            found.append(Change(name, "new type", breaking=False))
        else:
            found += _schema_changes(name, old["schemas"][name], new["schemas"][name], open_enums)
    return found


def committed(root: Path, revision: str = "HEAD") -> Schema | None:
    """Return what a commit published; None without git, without that commit, or where it had nothing published."""
    git = shutil.which("git")
    if git is None:
        return None
    asked = subprocess.run(
        [
            git,
            "-C",
            str(root),
            "archive",
            "--format=tar",
            revision,
            "contracts/schemas",
            "contracts/asyncapi.json",
        ],
        capture_output=True,
        check=False,
    )
    return _from_archive(asked.stdout) if asked.returncode == 0 else None


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Return the command; 1 where something breaks."""
    parser = argparse.ArgumentParser(prog="python -m tools.compatibility", description=__doc__)
    parser.add_argument("--accept", action="store_true", help="make what is published now the baseline")
    accept = parser.parse_args(arguments).accept
    now = published()
    found = {
        change
        for before in (read_baseline(root), committed(root))
        if before is not None
        for change in changes(before, now)
    }
    for change in sorted(found, key=str):
        sys.stdout.write(f"{change}\n")
    if any(change.breaking for change in found):
        sys.stdout.write("Within one version only additive change: give the type a new version instead.\n")
        return 1
    if accept:
        write_baseline(root, now)
    return 0


def read_baseline(root: Path) -> Schema | None:
    """Return the committed baseline; None before the first one."""
    path = root / BASELINE
    if not path.is_file():
        return None
    baseline: Schema = json.loads(path.read_text(encoding="utf-8"))
    return baseline


def write_baseline(root: Path, state: Schema) -> None:
    """Make a published state the baseline: one type per line, so that reviews see which one changed."""
    path = root / BASELINE
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = [
        f' "{part}": {{\n'
        + ",\n".join(f"  {json.dumps(k)}: {json.dumps(v, sort_keys=True)}" for k, v in state[part].items())
        + "\n }"
        for part in ("topics", "schemas")
    ]
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


def _from_archive(archive: bytes) -> Schema:
    import io
    import tarfile

    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        documents = {
            member.name: json.load(content)
            for member in tar.getmembers()
            if (content := tar.extractfile(member)) is not None
        }
    channels = documents.pop("contracts/asyncapi.json")["channels"]
    schemas = {Path(name).name.removesuffix(".json"): schema for name, schema in documents.items()}
    return {
        "topics": {
            name: {
                "partitions": channel["bindings"]["kafka"]["partitions"],
                "types": sorted(schemas.keys() & channel["messages"].keys()),
            }
            for name, channel in channels.items()
            if not name.endswith(".dlq")
        },
        "schemas": {name: _plain(schema, schema.get("$defs", {})) for name, schema in schemas.items()},
    }


def _plain(schema: Any, parts: Mapping[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_plain(item, parts) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        target = parts[schema["$ref"].rsplit("/", 1)[1]]
        return _plain({**target, **{k: v for k, v in schema.items() if k != "$ref"}}, parts)
    plain = {}
    for key, value in schema.items():
        if key == "properties":
            plain[key] = {name: _plain(declared, parts) for name, declared in value.items()}
        elif key in ("default", "const", "enum"):
            plain[key] = value
        elif key not in _ANNOTATIONS and key != "$defs":
            plain[key] = _plain(value, parts)
    return plain


def _topic_changes(old: Schema, new: Schema) -> Iterator[Change]:
    for topic in sorted(old.keys() | new.keys()):
        if topic not in new:
            yield Change(topic, "the topic is gone", breaking=True)
        elif topic not in old:
            yield Change(topic, "new topic", breaking=False)
        else:
            for name in sorted({*old[topic]["types"]} - {*new[topic]["types"]}):
                yield Change(topic, f"no longer carries {name}", breaking=True)
            for name in sorted({*new[topic]["types"]} - {*old[topic]["types"]}):
                yield Change(topic, f"also carries {name}", breaking=False)
            if old[topic]["partitions"] != new[topic]["partitions"]:
                yield Change(topic, "another number of partitions sends keys elsewhere", breaking=True)


def _schema_changes(path: str, old: Schema, new: Schema, open_enums: frozenset[str]) -> Iterator[Change]:
    if old == new:
        return
    yield from _property_changes(path, old, new, open_enums)
    yield from _value_changes(path, old, new, open_enums)
    yield from _branch_changes(path, old, new, open_enums)
    for part in ("items", "additionalProperties", "propertyNames"):
        before, after = old.get(part), new.get(part)
        if isinstance(before, dict) and isinstance(after, dict):
            yield from _schema_changes(f"{path}/{part}", before, after, open_enums)
        elif before != after:
            yield Change(path, f"{part} changed", breaking=True)
    for keyword in sorted((old.keys() | new.keys()) - _STRUCTURE):
        if old.get(keyword) != new.get(keyword):
            what = f"{keyword} was {old.get(keyword)!r}, is {new.get(keyword)!r}"
            yield Change(path, what, breaking=True)


def _property_changes(path: str, old: Schema, new: Schema, open_enums: frozenset[str]) -> Iterator[Change]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed, needs = set(old.get("required", ())), set(new.get("required", ()))
    for name in before.keys() - after.keys():
        yield Change(f"{path}/{name}", "the field is gone", breaking=True)
    for name in after.keys() - before.keys():
        required = name in needs
        yield Change(
            f"{path}/{name}", f"new {'required' if required else 'optional'} field", breaking=required
        )
    for name in before.keys() & after.keys():
        if (name in needed) != (name in needs):
            yield Change(
                f"{path}/{name}", f"now {'required' if name in needs else 'optional'}", breaking=True
            )
        yield from _schema_changes(f"{path}/{name}", before[name], after[name], open_enums)


def _value_changes(path: str, old: Schema, new: Schema, open_enums: frozenset[str]) -> Iterator[Change]:
    before, after = _values(old), _values(new)
    if before is None or after is None:
        if before != after:
            yield Change(path, "a list of values came or went", breaking=True)
    else:
        for value in sorted(before - after):
            yield Change(path, f"value {value} is gone", breaking=True)
        for value in sorted(after - before):
            yield Change(path, f"new value {value}", breaking=path not in open_enums)
    if old.get("type") != new.get("type"):
        yield Change(path, f"type was {old.get('type')!r}, is {new.get('type')!r}", breaking=True)


def _branch_changes(path: str, old: Schema, new: Schema, open_enums: frozenset[str]) -> Iterator[Change]:
    before, after = _branches(old), _branches(new)
    for kind in sorted(before.keys() | after.keys()):
        if kind not in after:
            yield Change(path, f"no longer {kind}", breaking=True)
        elif kind not in before:
            yield Change(path, f"may now be {kind}", breaking=True)
        else:
            yield from _schema_changes(path, before[kind], after[kind], open_enums)


def _values(schema: Schema) -> set[str] | None:
    if "const" in schema:
        return {json.dumps(schema["const"])}
    return {json.dumps(value) for value in schema["enum"]} if "enum" in schema else None


def _branches(schema: Schema) -> dict[str, Schema]:
    """The alternatives of a schema by their type; several of one type are told apart by their place."""
    branches: dict[str, Schema] = {}
    for branch in schema.get("anyOf", ()):
        kind = str(branch.get("type", "anything"))
        branches[kind if kind not in branches else f"{kind} {len(branches)}"] = branch
    return branches


if __name__ == "__main__":
    sys.exit(main())
