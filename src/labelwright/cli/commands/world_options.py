"""The options that describe a labelling project in figures, spelled once for `plan` and `simulate`."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeAlias, cast

import typer

from labelwright.errors import InvalidFile, InvalidValue
from labelwright.workspace import Workspace

_KNOWN = "A figure, or 0.82@300 (measured on 300 labels), or 0.78..0.86."

WorldFile: TypeAlias = Annotated[
    Path | None, typer.Argument(help="YAML or JSON with the same figures; options go before it.", metavar="WORLD")
]
MaybeWorkspace: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        envvar="LABELWRIGHT_WORKSPACE",
        help="Take what a project knows of itself; this folder's, when nothing else says how many items there are.",
        metavar="FOLDER",
    ),
]
Items: TypeAlias = Annotated[int | None, typer.Option("--items", help="Items to be labelled.", min=1, metavar="N")]
Budget: TypeAlias = Annotated[
    float | None, typer.Option("--budget", help="USD for everything: model, gold, audit, people.", metavar="USD")
]
TargetAccuracy: TypeAlias = Annotated[
    float | None,
    typer.Option("--target-accuracy", help="Instead of a budget: the cheapest way to be so right.", metavar="SHARE"),
]
TargetError: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--target-error",
        help="What may be wrong among labels accepted unseen. Alone: the cheapest way to certify them all.",
        metavar="SHARE",
    ),
]
ConfidenceLevel: TypeAlias = Annotated[
    float | None, typer.Option("--confidence-level", help="Of the certificate. Default: 0.95.", metavar="SHARE")
]
ModelPrice: TypeAlias = Annotated[
    str | None, typer.Option("--model-price", help="USD per item. A figure, or a range: 0.004..0.006.", metavar="USD")
]
ModelAccuracy: TypeAlias = Annotated[
    str | None, typer.Option("--model-accuracy", help=f"How often the model is right. {_KNOWN}", metavar="SHARE")
]
Auroc: TypeAlias = Annotated[
    str | None,
    typer.Option("--auroc", help="How well its confidence ranks its errors; 0.5 = not at all.", metavar="0.5-1"),
]
HumanPrice: TypeAlias = Annotated[
    str | None, typer.Option("--human-price", help="USD per answer of a person, from scratch.", metavar="USD")
]
HumanAccuracy: TypeAlias = Annotated[
    str | None, typer.Option("--human-accuracy", help=f"How often a person is right. {_KNOWN}", metavar="SHARE")
]
ReviewPrice: TypeAlias = Annotated[
    str | None, typer.Option("--review-price", help="USD per review; else as an answer.", metavar="USD")
]
GoldPrice: TypeAlias = Annotated[
    str | None, typer.Option("--gold-price", help="USD per answer for gold; else as an answer.", metavar="USD")
]
Adopt: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--adopt", help="How often a wrong suggestion is taken over; left out: none are shown.", metavar="SHARE"
    ),
]
Overcorrect: TypeAlias = Annotated[
    str | None, typer.Option("--overcorrect", help="How often a right suggestion is changed.", metavar="SHARE")
]
MostVotes: TypeAlias = Annotated[
    int | None, typer.Option("--most-votes", help="People per item at most: 1, 3, 5 … Default: 1.", min=1, metavar="N")
]
GoldVotes: TypeAlias = Annotated[
    int | None, typer.Option("--gold-votes", help="People per gold item: 1, 3, 5 … Default: 1.", min=1, metavar="N")
]
VoteCorrelation: TypeAlias = Annotated[
    float | None,
    typer.Option("--vote-correlation", help="How alike people err on an item, 0 to 1. Default: 0.", metavar="SHARE"),
]
Gold: TypeAlias = Annotated[
    int | None, typer.Option("--gold", help="Blind random labels; left out: as many as are needed.", min=0, metavar="N")
]
Audit: TypeAlias = Annotated[
    int | None, typer.Option("--audit", help="Audited items of those accepted unseen.", min=0, metavar="N")
]
AuditShare: TypeAlias = Annotated[
    float | None, typer.Option("--audit-share", help="The same as a share of them, at least 30.", metavar="SHARE")
]


def world_of(file: Path | None, options: Mapping[str, object]) -> dict[str, object]:
    """Put a file's figures and the options together; options go first. Raises InvalidFile, when the file has none."""
    from labelwright.yaml_lines import read_yaml

    read: dict[str, object] = {}
    if file is not None:
        if not file.is_file():
            raise InvalidFile(file, "is not there", hint="; give figures by options, or write this file")
        read = cast("dict[str, object]", dict(read_yaml(file.read_bytes(), file).value))
    return read | {key: value for key, value in options.items() if value is not None}


@contextmanager
def errors_by_option(options: Mapping[str, object]) -> Generator[None]:
    """Name a wrong figure as it was written: by its option, when it came by one."""
    try:
        yield
    except InvalidValue as problem:
        key = problem.path.replace(" ", "_")
        key = _SAME.get(key, key)
        if options.get(key) is None:
            raise
        raise InvalidValue(f"--{key.replace('_', '-')}", problem.problem, problem.hint) from None


_SAME = {
    "calibration_size": "gold",
    "accuracy_of_the_model": "model_accuracy",
    "accuracy_of_people": "human_accuracy",
    "price_of_the_model": "model_price",
    "price_of_people": "human_price",
    "price_of_a_review": "review_price",
    "price_of_gold": "gold_price",
    "votes": "most_votes",
    "votes_of_gold": "gold_votes",
}
"""What a figure is called where it is used -> its option."""


def workspace_of(named: Path | None, written: Mapping[str, object], project: str | None) -> Path | None:
    """Say which workspace is meant: the named one, else this folder's, unless the figures stand by themselves."""
    if named is not None or project is not None:
        return named or Path()
    if "items" in written:
        return None
    from labelwright.bootstrap import DATABASE

    return Path() if (Path() / DATABASE).is_file() else None


def open_workspace(folder: Path) -> Workspace:
    """Open a workspace for a command."""
    return Workspace.open(folder, via="cli")
