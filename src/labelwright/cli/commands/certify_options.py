"""The words of `labelwright certify`, each with its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

_OTHER = "Other promises"

PredictionsArgument: TypeAlias = Annotated[
    Path, typer.Argument(help="CSV, TSV or JSONL with id, label and any scores; .gz is fine.")
]
SampleOption: TypeAlias = Annotated[
    int | None, typer.Option("--sample", min=1, metavar="N", help="Draw N items at random to be labelled blind.")
]
AnswersOption: TypeAlias = Annotated[
    Path | None, typer.Option("--answers", metavar="FILE", help="People's labels of the sample: certify.")
]
TargetErrorOption: TypeAlias = Annotated[
    float | None,
    typer.Option("--target-error", metavar="SHARE", help="Wrong labels to live with among the accepted. [0.1]"),
]
ConfidenceLevelOption: TypeAlias = Annotated[
    float | None, typer.Option("--confidence-level", metavar="SHARE", help="How sure to be. [0.95]")
]
LooksOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--looks", metavar="N,N,...", help="Judge at these sample sizes too; fixed with --sample."),
]
SeedOption: TypeAlias = Annotated[
    int | None, typer.Option("--seed", min=0, help="Seed of the draw; recorded in the plan. [1]")
]
OpenPoolOption: TypeAlias = Annotated[
    bool, typer.Option("--open-pool", help="New items keep coming: promise for the source, not for this file.")
]
OutOption: TypeAlias = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Where --sample writes. [sample.csv]")
]
ShowOption: TypeAlias = Annotated[
    list[str] | None, typer.Option("--show", metavar="COLUMN", help="Copy this column into the sample; repeatable.")
]
PlanOption: TypeAlias = Annotated[
    Path | None, typer.Option("--plan", metavar="FILE", help="The frozen plan, when it is not found by itself.")
]
CountMissingAsWrongOption: TypeAlias = Annotated[
    bool, typer.Option("--count-missing-as-wrong", help="Judge now; drawn items without an answer count as wrong.")
]
IdColumnOption: TypeAlias = Annotated[str | None, typer.Option("--id", metavar="COLUMN", help="Column of the ids.")]
LabelColumnOption: TypeAlias = Annotated[
    str | None, typer.Option("--label", metavar="COLUMN", help="Column of the labels.")
]
ScoreColumnOption: TypeAlias = Annotated[
    str | None, typer.Option("--score", metavar="COLUMN", help="Column of the score; high = sure.")
]
TieBreakOption: TypeAlias = Annotated[
    str | None, typer.Option("--tie-break", metavar="COLUMN", help="Second score that orders equal ones.")
]
AnnotatorOption: TypeAlias = Annotated[
    str | None, typer.Option("--annotator", metavar="COLUMN", help="Column of who answered, in the answers.")
]
LabelsOption: TypeAlias = Annotated[
    str | None, typer.Option("--labels", metavar="A,B,...", help="All labels there are; others are an error.")
]
AcceptedOption: TypeAlias = Annotated[
    Path | None, typer.Option("--accepted", metavar="FILE", help="Write the items that may be accepted.")
]
HtmlOption: TypeAlias = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write the report as one page.")
]
ChainOption: TypeAlias = Annotated[
    list[Path] | None,
    typer.Option("--chain", metavar="FILE", help="The next, dearer model's predictions of the rest; repeatable."),
]
PriceOption: TypeAlias = Annotated[
    str | None, typer.Option("--price", metavar="P,P,...", help="Of a call to each model of a chain, in any unit.")
]
MethodOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--method",
        metavar="WORD",
        help="fixed_sequence (the guarantee), sgr, or conformal (holds on average over samples only).",
        rich_help_panel=_OTHER,
    ),
]
ByOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="COLUMN",
        help="A threshold for each value of it; `label`: each prediction's label.",
        rich_help_panel=_OTHER,
    ),
]
SplitOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--split",
        metavar="WORD",
        help="Promise for all groups `together`, or for `each` by itself. [together]",
        rich_help_panel=_OTHER,
    ),
]
LossOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--loss",
        metavar="WORD",
        help="exact (right or wrong), distance (needs --task), or costs. [exact]",
        rich_help_panel=_OTHER,
    ),
]
ToleranceOption: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--tolerance", metavar="SHARE", help="Distances up to this count as the same. [0]", rich_help_panel=_OTHER
    ),
]
CostsOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--costs",
        metavar="FILE",
        help="YAML or JSON, {said: {truth: cost}}: what mistakes cost.",
        rich_help_panel=_OTHER,
    ),
]
TaskOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--task",
        metavar="FILE",
        help="A question as in project.yaml (type and settings): its distance counts.",
        rich_help_panel=_OTHER,
    ),
]
TestOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--test",
        metavar="WORD",
        help="For losses between 0 and 1: betting or hoeffding-bentkus. [betting]",
        rich_help_panel=_OTHER,
    ),
]
