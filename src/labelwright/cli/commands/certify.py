"""labelwright certify."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from labelwright.cli.commands.certify_options import (
    AcceptedOption,
    AnnotatorOption,
    AnswersOption,
    ByOption,
    ChainOption,
    ConfidenceLevelOption,
    CostsOption,
    CountMissingAsWrongOption,
    HtmlOption,
    IdColumnOption,
    LabelColumnOption,
    LabelsOption,
    LooksOption,
    LossOption,
    MethodOption,
    OpenPoolOption,
    OutOption,
    PlanOption,
    PredictionsArgument,
    PriceOption,
    SampleOption,
    ScoreColumnOption,
    SeedOption,
    ShowOption,
    SplitOption,
    TargetErrorOption,
    TaskOption,
    TestOption,
    TieBreakOption,
    ToleranceOption,
)
from labelwright.cli.options import JsonOption
from labelwright.cli.output import note

if TYPE_CHECKING:
    from labelwright.adapters.formats.prediction_table import PredictionTable
    from labelwright.domain.project import CertifyRule

NOTHING_CERTIFIED = 3


def certify(
    predictions: PredictionsArgument,
    *,
    sample: SampleOption = None,
    answers: AnswersOption = None,
    target_error: TargetErrorOption = None,
    confidence_level: ConfidenceLevelOption = None,
    looks: LooksOption = None,
    seed: SeedOption = None,
    open_pool: OpenPoolOption = False,
    out: OutOption = None,
    show: ShowOption = None,
    plan: PlanOption = None,
    count_missing_as_wrong: CountMissingAsWrongOption = False,
    id_column: IdColumnOption = None,
    label_column: LabelColumnOption = None,
    score_column: ScoreColumnOption = None,
    tie_break: TieBreakOption = None,
    annotator: AnnotatorOption = None,
    labels: LabelsOption = None,
    accepted: AcceptedOption = None,
    html: HtmlOption = None,
    chain: ChainOption = None,
    price: PriceOption = None,
    method: MethodOption = None,
    by: ByOption = None,
    split: SplitOption = None,
    loss: LossOption = None,
    tolerance: ToleranceOption = None,
    costs: CostsOption = None,
    task: TaskOption = None,
    test: TestOption = None,
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
