"""labelwright drift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from labelwright.cli.options import HERE, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, say, table
from labelwright.errors import InvalidInput
from labelwright.workspace import Workspace

_TESTS = {
    ("psi", "length"): "length of the texts (stability index)",
    ("mmd", "wording"): "wording (mean discrepancy)",
    ("classifier", "wording"): "wording (a classifier's area under the curve)",
}
_LABELS = {
    "predicted": "the model's labels",
    "confidence": "how sure the model is",
    "given": "people's labels",
    "people_over_time": "people's labels, first half and second",
}


def command(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Two plain files to compare, the older first, instead of a project.", metavar="OLD NEW"),
    ] = None,
    *,
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    since: Annotated[
        str | None, typer.Option("--since", help="An import (run or file) or a date: what came then or later.")
    ] = None,
    batch: Annotated[
        str | None,
        typer.Option("--batch", help="A metadata field: each of its values against the rest.", metavar="FIELD"),
    ] = None,
    text: Annotated[str | None, typer.Option("--text", help="Of files: column of the text. [text]")] = None,
    label: Annotated[str | None, typer.Option("--label", help="Of files: column of the labels. [label]")] = None,
    json: JsonOption = False,
) -> None:
    """Say whether new items are like the old ones, in texts and labels, and whether the certificate speaks of them.

    Without options: what came after the certificate's sample was drawn against the pool it speaks of; where there is
    none, the newest import against those before. All tests of one command are corrected together, so that an
    unchanged source rings in at most one look of twenty. The result is kept, and shown in the report.
    """
    if files:
        if len(files) != 2 or since is not None or batch is not None:
            raise InvalidInput("name two files, the older first, without --since and --batch; or no file at all")
        from labelwright.bootstrap.soundness import drift_of_files

        found = drift_of_files(files[0], files[1], text=text, label=label)
    else:
        with Workspace.open(workspace, via="cli") as opened:
            found = opened.project(project).drift(since=since, batch=batch)
    if json:
        emit_json(found)
    else:
        _tell(found)


def _tell(found: Mapping[str, Any]) -> None:
    comparisons = cast("Sequence[Mapping[str, Any]]", found.get("comparisons") or [found])
    for one in comparisons:
        rows = [_row(_TESTS[test["test"], test["about"]], test) for test in one["inputs"]]
        for question, labels in one["labels"].items():
            name = f" of {question}" if len(one["labels"]) > 1 else ""
            rows += [_row(_words(key, labels[key]) + name, labels[key]) for key in _LABELS if labels[key]]
        if rows:
            title = f"{one['after']} ({one['n_after']:,}) against {one['before']} ({one['n_before']:,})"
            table(["what", "value", "limit", "by chance (p)", "drifted"], rows, title=title)
        for labels in one["labels"].values():
            _shares(labels)
    say(found["sentence"])


def _words(key: str, test: Mapping[str, Any]) -> str:
    return "labels" if test["about"] == "labels" else _LABELS[key]


def _row(what: str, test: Mapping[str, Any]) -> list[object]:
    value, limit = (f"{test[name]:.2g}" for name in ("value", "limit"))
    if test["low"] is not None:
        value = f"{test['value']:.3f} ({test['low']:.3f} to {test['high']:.3f})"
    return [what, value, limit, f"{test['p']:.3f}", bool(test["drifted"])]


def _shares(labels: Mapping[str, Any]) -> None:
    corrected = labels["corrected"]
    if corrected is not None and corrected["reason"] is None:
        rows = [
            [
                one["label"],
                _share(one["before"]),
                _share(one["after"]),
                f"{_share(one['low'])} to {_share(one['high'])}",
            ]
            for one in corrected["shares"]
        ]
        title = "How often each label really occurs, the model's known mistakes taken out"
        table(["label", "before", "after", "95% interval"], rows, title=title)
        return
    shares = next((labels[name] for name in ("given", "predicted") if labels[name] and labels[name]["drifted"]), None)
    if shares is not None:
        rows = [[one["label"], _share(one["before"]), _share(one["after"])] for one in shares["shares"]]
        table(["label", "before", "after"], rows)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
