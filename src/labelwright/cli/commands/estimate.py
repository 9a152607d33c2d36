"""labelwright estimate."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.commands.certify_options import (
    AnnotatorOption,
    ConfidenceLevelOption,
    IdColumnOption,
    LabelColumnOption,
    PredictionsArgument,
    ScoreColumnOption,
    ShowOption,
)
from labelwright.cli.options import JsonOption
from labelwright.cli.output import emit_json, note, say, table

if TYPE_CHECKING:
    from labelwright.adapters.formats.prediction_table import PredictionTable
    from labelwright.methods.estimation import Estimate
    from labelwright.services.card.class_share import ClassShare, Forecast, SharePlan

KIND = "labelwright estimate plan"
_USUAL = 200


def command(
    predictions: PredictionsArgument,
    *,
    of: Annotated[
        str | None, typer.Option("--of", metavar="LABEL", help="The class whose share is asked for; needed at first.")
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option("--sample", metavar="N", help="Draw N items to be labelled blind, or their first round."),
    ] = None,
    answers: Annotated[
        list[Path] | None,
        typer.Option("--answers", metavar="FILE", help="People's labels of a round; repeatable. Goes on from there."),
    ] = None,
    design: Annotated[
        str | None, typer.Option("--design", metavar="WORD", help="random or rounds. [what is recommended]")
    ] = None,
    confidence_level: ConfidenceLevelOption = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the draws; recorded in the plan.")] = 1,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where --sample writes the first round. [sample.csv]")
    ] = None,
    show: ShowOption = None,
    id_column: IdColumnOption = None,
    label_column: LabelColumnOption = None,
    score_column: ScoreColumnOption = None,
    annotator: AnnotatorOption = None,
    json: JsonOption = False,
) -> None:
    """Say how often a class really occurs in all of a file, from people's labels of a few of its items.

    Three steps: `estimate predictions.csv --of spam` says which way of drawing tells most, before anybody is asked;
    `--sample N` draws; `--answers FILE` estimates, or draws the next round. In rounds, the answers so far say where the
    model errs, and more is asked there; every item's chance is kept, and the figure stays right whatever the model is.

    Such a sample says how often the class occurs. It certifies nothing: that takes `labelwright certify --sample`.
    """
    from labelwright.adapters.formats.prediction_table import check_score, read_predictions
    from labelwright.services.card.class_share_answers import check_same

    if sample is not None and answers:
        raise typer.BadParameter("draw first (--sample), then estimate (--answers): not both at once")
    level = 0.95 if confidence_level is None else confidence_level
    if not 0 < level < 1:
        raise typer.BadParameter(f"--confidence-level: {level:g} is no share between 0 and 1")
    if answers:
        plan = _read(answers[0])
        check_same(plan, of=of, design=design, confidence_level=confidence_level)
        return _go_on(predictions, plan, answers, show or [], annotator, json=json)
    if of is None:
        raise typer.BadParameter("--of LABEL: which class's share is asked for?")
    found = read_predictions(predictions, id_column=id_column, label_column=label_column, score_column=score_column)
    if score_column is None:
        check_score(found)
    return _begin(found, of, sample=sample, design=design, level=level, seed=seed, out=out, show=show or [], json=json)


def _begin(
    found: PredictionTable,
    of: str,
    *,
    sample: int | None,
    design: str | None,
    level: float,
    seed: int,
    out: Path | None,
    show: list[str],
    json: bool,
) -> None:
    """Say which design to take; draw its first round when asked to."""
    from labelwright.cli.commands.certify_steps import check_shown
    from labelwright.errors import AlreadyExists
    from labelwright.services.card.class_share import SharePlan, check_wishes, design_of, forecast, next_round

    n_labels = min(_USUAL, len(found.ids)) if sample is None else sample
    chosen = design_of(design)
    check_wishes(found.labels, of, n_labels, chosen)
    check_shown(found, show)
    probability = _probability(found, of)
    if sample is None or chosen is None:
        ahead = forecast(probability, n_labels, seed=seed)
        if sample is None:
            if json:
                emit_json({"of": of, "n_items": len(found.ids), **asdict(ahead)})
            else:
                _tell_forecast(ahead, of, len(found.ids))
                say(f"Next: labelwright estimate {quote(str(found.file))} --of {quote(of)} --sample {n_labels}")
            return
        chosen = ahead.recommended
    first = found.file.with_name("sample.csv") if out is None else out
    if first.exists() or _plan_file(first).exists():
        raise AlreadyExists(f"{first} or {_plan_file(first).name} exists already; choose another --out")
    columns = (found.id_column, found.label_column, found.score_column)
    plan = SharePlan(found.file.name, found.sha256, *columns, of, chosen, n_labels, level, seed)
    plan = next_round(plan, found.ids, probability, {})
    _write(found, plan, first, show)
    if json:
        emit_json(
            {"sample": str(first), "plan": str(_plan_file(first)), "design": chosen, "of": of, "n_labels": n_labels}
        )
    else:
        _tell_round(found, plan, [first])


def _go_on(
    file: Path, plan: SharePlan, answers: list[Path], show: list[str], annotator: str | None, *, json: bool
) -> None:
    """Estimate from the answers, or draw what comes next."""
    from labelwright.adapters.formats.prediction_table import read_predictions
    from labelwright.errors import Conflict, InvalidFile
    from labelwright.services.card.class_share import class_share, next_round, unanswered
    from labelwright.services.card.class_share_answers import class_answers

    first = answers[0]
    found = read_predictions(
        file, id_column=plan.id_column, label_column=plan.label_column, score_column=plan.score_column
    )
    if found.sha256 != plan.predictions_sha256:
        raise Conflict(f"{file} is not the file that {_plan_file(first).name} was drawn from; draw a new sample")
    newest = _round_file(first, len(plan.rounds) - 1)
    if newest in answers and not newest.exists():
        _write(found, plan, first, show)  # drawn and never written: a run that was stopped
    heard = class_answers(plan, _votes(answers, plan, annotator), {one for one in found.labels if one is not None})
    for remark in heard.remarks:
        note(remark)
    said = heard.share
    probability, files = _probability(found, plan.of), [_round_file(first, n) for n in range(len(plan.rounds))]
    for missing, of_round, asked in zip(unanswered(plan, said), files, plan.rounds, strict=True):
        if not missing:
            continue
        if not of_round.exists():
            _write(found, plan, first, show)  # the same
        raise InvalidFile(
            of_round,
            f"{len(missing)} of the {len(asked.ids)} items of this round have no label yet, {missing[0]!r} first",
            hint=f"; have people fill it in, and give it with --answers {of_round}" if of_round not in answers else "",
        )
    if not plan.is_drawn_whole:
        plan = next_round(plan, found.ids, probability, said)
        _write(found, plan, first, show)
        files.append(_round_file(first, len(plan.rounds) - 1))
        if json:
            emit_json({"sample": str(files[-1]), "round": len(plan.rounds), "rounds": len(plan.sizes)})
        else:
            _tell_round(found, plan, files)
        return
    import numpy as np

    result = class_share(plan, found.ids, np.array([label == plan.of for label in found.labels]), probability, said)
    if json:
        emit_json({"of": plan.of, "naive": result.naive, "n_items": len(found.ids), **asdict(result.share)})
    else:
        _tell_share(result, plan, len(found.ids))


def _probability(found: PredictionTable, of: str):  # noqa: ANN202 - (N,) floats, numpy is imported late
    from labelwright.services.card.class_share import class_probability

    return class_probability(found.labels, found.score, of, has_score=found.score_column is not None)


def _votes(files: list[Path], plan: SharePlan, annotator: str | None) -> dict[str, list[str]]:
    """Give the labels that people gave to each answered item."""
    from labelwright.adapters.formats.prediction_table import read_answers

    votes: dict[str, list[str]] = defaultdict(list)
    for file in files:
        given = read_answers(file, id_column=plan.id_column, label_column=plan.label_column, annotator_column=annotator)
        for identifier, label in zip(given.ids, given.labels, strict=True):
            if label is not None:
                votes[identifier].append(label)
    return votes


def _plan_file(first: Path) -> Path:
    return first.with_name(f"{first.name.removesuffix('.gz').rsplit('.', 1)[0]}.estimate.json")


def _round_file(first: Path, number: int) -> Path:
    if not number:
        return first
    stem, dot, ending = first.name.partition(".")
    return first.with_name(f"{stem}-{number + 1}{dot}{ending}")


def _read(first: Path) -> SharePlan:
    import msgspec

    from labelwright.adapters.formats.certify_plan import read_plan
    from labelwright.errors import InvalidFile
    from labelwright.services.card.class_share import SharePlan

    file = _plan_file(first)
    if not file.is_file():
        raise InvalidFile(
            file, "there is no such plan", hint=f"; give the first round's file first: --answers {first.name}"
        )
    try:
        return msgspec.convert(read_plan(file, kind=KIND), SharePlan)
    except msgspec.ValidationError as problem:
        raise InvalidFile(file, f"is not a complete plan: {problem}") from problem


def _write(found: PredictionTable, plan: SharePlan, first: Path, show: list[str]) -> None:
    """Write the plan, and then the newest round: a plan without its sample is mended by running again."""
    from labelwright.adapters.formats.certify_plan import write_plan
    from labelwright.adapters.formats.text_table import write_csv
    from labelwright.cli.commands.certify_steps import check_shown

    check_shown(found, show)
    write_plan(_plan_file(first), asdict(plan), kind=KIND)
    row_of = found.row_of()
    shown = [found.table.columns[name] for name in show]
    write_csv(
        _round_file(first, len(plan.rounds) - 1),
        [found.id_column, *show, found.label_column],
        ([one, *(column[row_of[one]] for column in shown), ""] for one in plan.rounds[-1].ids),
    )


def _tell_forecast(ahead: Forecast, of: str, n_items: int) -> None:
    say(f"How often {of!r} occurs in {n_items:,} items, from {ahead.n_labels} labels of people:")
    if ahead.n_labels >= n_items:
        say("  That is every item: the share is then known, whatever the model says.")
        return
    if ahead.worth is None:
        say("  The file has no confidence between 0 and 1: nothing says where the model errs. Draw at random.")
        return
    rows = {"random": ("at random", ahead.worth.random), "rounds": ("in rounds", ahead.worth.rounds)}
    table(
        ("drawn", "a label is worth", ""),
        [
            (words, f"{worth:.1f} of people alone", "recommended" if name == ahead.recommended else f"--design {name}")
            for name, (words, worth) in rows.items()
        ],
        whole=("drawn", "a label is worth"),
    )
    say("In rounds: the first answers say where the model errs, and more is asked there. Rehearsed with the file's own")
    say("confidence; if that says nothing, a label is worth about 1 either way, and the figure is right all the same.")


def _tell_round(found: PredictionTable, plan: SharePlan, files: list[Path]) -> None:
    number, n = len(plan.rounds), len(plan.rounds[-1].ids)
    of = f" (round {number} of {len(plan.sizes)})" if len(plan.sizes) > 1 else ""
    how = "at random" if number == 1 else "with chances that the answers so far suggest"
    say(f"{n:,} of {len(found.ids):,} items drawn {how} into {files[-1]}{of}; the plan is {_plan_file(files[0]).name}.")
    say("Have people fill in the labels without seeing the predictions, then:")
    words = (str(found.file), *(word for file in files for word in ("--answers", str(file))))
    say(f"  labelwright estimate {' '.join(map(quote, words))}")
    if number == 1 and len(plan.sizes) > 1:
        note("Keep the plan file: it holds the chance with which each item was drawn.")


def _tell_share(result: ClassShare, plan: SharePlan, n_items: int) -> None:
    share: Estimate = result.share
    say(
        f"{_percent(share.value)} of the {n_items:,} items are {plan.of!r}: {_percent(share.low)} to "
        f"{_percent(share.high)}, at {_percent(plan.confidence_level)} confidence."
    )
    say(f"The model's labels alone would say {_percent(result.naive)}.")
    say(
        f"{share.n_labelled:,} labels of people, {share.design}; worth {share.effective_sample_size:,.0f} of people "
        "alone drawn at random."
    )


def _percent(share: float) -> str:
    return f"{100 * min(max(share, 0.0), 1.0):.2f}".rstrip("0").rstrip(".") + "%"
