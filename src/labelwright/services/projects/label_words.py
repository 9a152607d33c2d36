"""A change of labels in words, for the command and the page."""

from __future__ import annotations

from labelwright.services.projects.label_changes import LabelChangeReport


def label_change_lines(report: LabelChangeReport) -> list[str]:
    """Say what a change of labels does, one sentence for each."""
    old, new = _named(report.old), _named(report.new)
    if report.undone:
        lines = [f"{report.question}: the {report.kind} of {old} into {new} is taken back"]
    else:
        verb = {"rename": "is renamed to", "merge": "are merged into", "split": "is split into"}[report.kind]
        lines = [f"{report.question}: {old} {verb} {new}"]
    lines.append(
        f"{_n(report.labels, 'answer')} by people, {_n(report.predictions, 'answer')} of the model and "
        f"{_n(report.records, 'label')} of record name what changes"
    )
    if report.kind == "split" and not report.undone:
        back = f"{_n(report.queued, 'item')} go back to people, blind" if report.queued else "no item has to go back"
        lines.append(f"a label that is split says nothing any more: {back}; what was said stays in each item's history")
    elif report.kind == "split":
        lines.append("its items leave the queue again; what was said of the parts meanwhile is kept and does not count")
    elif report.undone and report.kind == "merge":
        lines.append(f"what was said as {new} meanwhile is kept, and counts where that label is still there")
    else:
        lines.append("the ledger keeps what was given; it is read under the name that is in force")
    return lines


def _named(labels: tuple[str, ...]) -> str:
    return " and ".join(repr(label) for label in labels)


def _n(n: int, noun: str) -> str:
    return f"1 {noun}" if n == 1 else f"{n:,} {noun}s"
