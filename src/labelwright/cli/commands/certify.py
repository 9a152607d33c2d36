"""labelwright certify."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.options import JsonOption
from labelwright.cli.output import note

if TYPE_CHECKING:
    from labelwright.adapters.formats.prediction_table import PredictionTable
    from labelwright.domain.project import CertifyRule

NOTHING_CERTIFIED = 3
_OTHER = "Other promises"


def certify(
    predictions: Annotated[Path, typer.Argument(help="CSV, TSV or JSONL with id, label and any scores; .gz is fine.")],
    *,
    sample: Annotated[
        int | None, typer.Option("--sample", min=1, metavar="N", help="Draw N items at random to be labelled blind.")
    ] = None,
    answers: Annotated[
        Path | None, typer.Option("--answers", metavar="FILE", help="People's labels of the sample: certify.")
    ] = None,
    target_error: Annotated[
        float | None,
        typer.Option("--target-error", metavar="SHARE", help="Wrong labels to live with among the accepted. [0.1]"),
    ] = None,
    confidence_level: Annotated[
        float | None, typer.Option("--confidence-level", metavar="SHARE", help="How sure to be. [0.95]")
    ] = None,
    looks: Annotated[
        str | None,
        typer.Option("--looks", metavar="N,N,...", help="Judge at these sample sizes too; fixed with --sample."),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed of the draw; recorded in the plan. [1]")] = None,
    open_pool: Annotated[
        bool, typer.Option("--open-pool", help="New items keep coming: promise for the source, not for this file.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where --sample writes. [sample.csv]")
    ] = None,
    show: Annotated[
        list[str] | None, typer.Option("--show", metavar="COLUMN", help="Copy this column into the sample; repeatable.")
    ] = None,
    plan: Annotated[
        Path | None, typer.Option("--plan", metavar="FILE", help="The frozen plan, when it is not found by itself.")
    ] = None,
    count_missing_as_wrong: Annotated[
        bool, typer.Option("--count-missing-as-wrong", help="Judge now; drawn items without an answer count as wrong.")
    ] = False,
    id_column: Annotated[str | None, typer.Option("--id", metavar="COLUMN", help="Column of the ids.")] = None,
    label_column: Annotated[str | None, typer.Option("--label", metavar="COLUMN", help="Column of the labels.")] = None,
    score_column: Annotated[
        str | None, typer.Option("--score", metavar="COLUMN", help="Column of the score; high = sure.")
    ] = None,
    tie_break: Annotated[
        str | None, typer.Option("--tie-break", metavar="COLUMN", help="Second score that orders equal ones.")
    ] = None,
    annotator: Annotated[
        str | None, typer.Option("--annotator", metavar="COLUMN", help="Column of who answered, in the answers.")
    ] = None,
    labels: Annotated[
        str | None, typer.Option("--labels", metavar="A,B,...", help="All labels there are; others are an error.")
    ] = None,
    accepted: Annotated[
        Path | None, typer.Option("--accepted", metavar="FILE", help="Write the items that may be accepted.")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the report as one page.")] = None,
    chain: Annotated[
        list[Path] | None,
        typer.Option("--chain", metavar="FILE", help="The next, dearer model's predictions of the rest; repeatable."),
    ] = None,
    price: Annotated[
        str | None, typer.Option("--price", metavar="P,P,...", help="Of a call to each model of a chain, in any unit.")
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(
            "--method",
            metavar="WORD",
            help="fixed_sequence (the guarantee), sgr, or conformal (holds on average over samples only).",
            rich_help_panel=_OTHER,
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="COLUMN",
            help="A threshold for each value of it; `label`: each prediction's label.",
            rich_help_panel=_OTHER,
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            "--split",
            metavar="WORD",
            help="Promise for all groups `together`, or for `each` by itself. [together]",
            rich_help_panel=_OTHER,
        ),
    ] = None,
    loss: Annotated[
        str | None,
        typer.Option(
            "--loss",
            metavar="WORD",
            help="exact (right or wrong), distance (needs --task), or costs. [exact]",
            rich_help_panel=_OTHER,
        ),
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(
            "--tolerance", metavar="SHARE", help="Distances up to this count as the same. [0]", rich_help_panel=_OTHER
        ),
    ] = None,
    costs: Annotated[
        Path | None,
        typer.Option(
            "--costs",
            metavar="FILE",
            help="YAML or JSON, {said: {truth: cost}}: what mistakes cost.",
            rich_help_panel=_OTHER,
        ),
    ] = None,
    task: Annotated[
        Path | None,
        typer.Option(
            "--task",
            metavar="FILE",
            help="A question as in project.yaml (type and settings): its distance counts.",
            rich_help_panel=_OTHER,
        ),
    ] = None,
    test: Annotated[
        str | None,
        typer.Option(
            "--test",
            metavar="WORD",
            help="For losses between 0 and 1: betting or hoeffding-bentkus. [betting]",
            rich_help_panel=_OTHER,
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Say how much of any model's output can be accepted without a person, at a stated error, and prove it.

    Three steps: `certify predictions.csv` says how many labels are needed; `--sample N` draws them, to be labelled by
    people who do not see the predictions; `--answers FILE` certifies.

    With `--chain` several models label, the cheapest first, each asked only about what those before it could not be
    trusted with: run it again and again, it does what is due. `--out` is a folder then.

    Another promise (by label or slice, by distance or cost, on average) is frozen with `--sample`; `--answers` keeps to
    it.

    Exit status: 0 certified at the target (or planned, or drawn), 1 error, 2 used wrongly, 3 nothing certified.
    """
    from labelwright.adapters.formats.prediction_table import check_score, read_predictions
    from labelwright.cli.commands.certify_steps import Wishes, certify_answers, check_labels, draw_sample, plan_labels
    from labelwright.settings.certify_choice import question_of

    needing = {"--html": html, "--accepted": accepted, "--plan": plan, "--annotator": None if chain else annotator}
    _check_words(needing, has_answers=answers is not None, draws=sample is not None)
    _check_share("--target-error", target_error)
    _check_share("--confidence-level", confidence_level)
    prices = _prices(price, has_chain=bool(chain))
    said = {"method": method, "by": by, "split": split, "loss": loss, "tolerance": tolerance, "test": test}
    rule = _rule(said, costs, has_task=task is not None)
    question = None if task is None else question_of(task)
    wished = Wishes(
        target_error, confidence_level, _sizes(looks), seed, open_pool, _names(labels or None), rule, question
    )
    if chain:
        others = {f"--{name}": value for name, value in said.items()}
        _only_alone(
            {
                "--answers": answers,
                "--looks": looks,
                "--tie-break": tie_break,
                "--open-pool": open_pool or None,
                "--costs": costs,
                "--task": task,
                **others,
            }
        )
        from labelwright.cli.commands.certify_chain import ChainWishes, run_chain

        columns = (id_column, _names(label_column), _names(score_column))
        drawing = (out, sample, tuple(show or ()))
        links = ChainWishes((predictions, *chain), *columns, prices, *drawing, annotator, count_missing_as_wrong)
        return _leave(run_chain(wished, links, json=json))
    table = read_predictions(
        predictions, id_column=id_column, label_column=label_column, score_column=score_column, second_column=tie_break
    )
    check_labels(table, wished.labels)
    if answers is not None:
        found = certify_answers(
            table,
            answers,
            wished,
            plan_file=plan,
            annotator=annotator,
            is_score_chosen=score_column is not None,
            count_missing_as_wrong=count_missing_as_wrong,
            accepted=accepted,
            html=html,
            json=json,
        )
        return _leave(found)
    if score_column is None:
        check_score(table)
        _note_scores(table)
    if sample is None and looks is None:
        return plan_labels(table, wished, json=json)
    return draw_sample(table, wished, size=sample, out=out, show=show or [], json=json)


command = certify


def _rule(said: Mapping[str, object], costs: Path | None, *, has_task: bool) -> CertifyRule | None:
    """Give the rule that the words ask for; None when they say nothing of it."""
    if costs is None and all(value is None for value in said.values()):
        if has_task:
            raise typer.BadParameter("--task says whose distance counts: it needs --loss distance")
        return None
    from labelwright.settings.certify_choice import rule_of

    rule = rule_of(said, costs=costs)
    if (rule.loss == "distance") != has_task:
        raise typer.BadParameter("--loss distance and --task FILE, the question whose distance counts, belong together")
    return rule


def _leave(is_certified: bool) -> None:
    if not is_certified:
        raise typer.Exit(NOTHING_CERTIFIED)


def _check_words(with_answers: Mapping[str, object], *, has_answers: bool, draws: bool) -> None:
    if draws and has_answers:
        raise typer.BadParameter("draw first (--sample), then certify (--answers): not both at once")
    for name, given in with_answers.items():
        if given is not None and not has_answers:
            raise typer.BadParameter(f"{name} needs --answers")


def _check_share(name: str, share: float | None) -> None:
    if share is not None and not 0 < share < 1:
        meant = f"; did you mean {share / 100:g}?" if 1 <= share < 100 else ""
        raise typer.BadParameter(f"{name}: {share:g} is no share between 0 and 1{meant}")


def _note_scores(table: PredictionTable) -> None:
    if table.other_scores:
        others = ", ".join(table.other_scores)
        note(f"several scores: using {table.score_column!r} (also there: {others}); choose with --score")


def _only_alone(words: Mapping[str, object]) -> None:
    given = [name for name, value in words.items() if value is not None]
    if given:
        raise typer.BadParameter(
            f"{', '.join(given)}: not with --chain, whose samples and lists are in its own folder (--out)"
        )


def _names(columns: str | None) -> tuple[str, ...]:
    return () if columns is None else tuple(name.strip() for name in columns.split(","))


def _prices(said: str | None, *, has_chain: bool) -> tuple[float, ...]:
    if said is not None and not has_chain:
        raise typer.BadParameter("--price is of a chain's models: it needs --chain")
    try:
        found = () if said is None else tuple(float(part) for part in said.split(","))
    except ValueError as problem:
        raise typer.BadParameter(f"--price wants numbers with commas, got {said!r}") from problem
    if any(not 0 <= one < float("inf") for one in found):
        raise typer.BadParameter(f"--price wants prices of 0 or more, got {said!r}")
    return found


def _sizes(looks: str | None) -> tuple[int, ...]:
    if looks is None:
        return ()
    try:
        return tuple(int(part) for part in looks.split(","))
    except ValueError as problem:
        raise typer.BadParameter(f"--looks wants whole numbers with commas, got {looks!r}") from problem
