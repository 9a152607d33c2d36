"""The frozen plan of a certificate as a JSON file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import orjson

from labelwright.adapters.formats.text_table import write_whole
from labelwright.errors import InvalidFile

KIND = "labelwright certify plan"
CHAIN_KIND = "labelwright certify chain"
CHAIN_FILE = "chain.json"
VERSION = 1


def plan_file_of(sample: Path) -> Path:
    """Give the name of the plan beside a sample: `sample.csv.gz` → `sample.plan.json`."""
    name = sample.name.removesuffix(".gz")
    return sample.with_name(f"{Path(name).stem}.plan.json")


def write_plan(file: Path, fields: Mapping[str, object], *, kind: str = KIND) -> None:
    """Write the plan's fields whole or not at all."""
    content = {"kind": kind, "version": VERSION, **fields}
    write_whole(file, orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")


def read_plan(file: Path, *, kind: str = KIND) -> dict[str, Any]:
    """Read a plan's fields; raises InvalidFile when it is something else."""
    if not file.is_file():
        raise InvalidFile(file, "there is no such plan")
    try:
        found = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as problem:
        raise InvalidFile(file, f"is not valid JSON ({problem})") from problem
    if not isinstance(found, dict):
        raise InvalidFile(file, "is not a plan written by labelwright certify --sample")
    fields = cast("dict[str, Any]", found)
    if fields.pop("kind", None) != kind:
        raise InvalidFile(file, "is not a plan written by labelwright certify --sample")
    version = fields.pop("version", None)
    if version != VERSION:
        raise InvalidFile(file, f"is a plan of version {version}, and this program knows version {VERSION}")
    return fields


def find_plans(*folders: Path) -> list[Path]:
    """List plan files in some folders."""
    return sorted({file.resolve() for folder in folders if folder.is_dir() for file in folder.glob("*.plan.json")})
