"""The three steps of `labelwright certify`: how many labels, draw them blind, certify the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import msgspec
import numpy as np
import typer

from labelwright.adapters.formats.certify_plan import find_plans, plan_file_of, read_plan, write_plan
from labelwright.adapters.formats.prediction_table import PredictionTable, check_score, read_answers, read_predictions
from labelwright.adapters.formats.text_table import Cell, write_csv, write_whole
from labelwright.adapters.report.canvas import exact_percent
from labelwright.cli.commands.certify_json import as_json
from labelwright.cli.commands.certify_page import as_page
from labelwright.cli.commands.certify_view import needs_of_rule, show_assessment, show_needs
from labelwright.cli.commands.certify_words import Subject
from labelwright.cli.output import emit_json, note, say
from labelwright.domain.canonical import Json
from labelwright.domain.project import CertifyRule
from labelwright.errors import AlreadyExists, Conflict, InvalidFile, InvalidValue, did_you_mean
from labelwright.services.acceptance.certify_predictions import (
    LADDER,
    Assessment,
    CertifyPlan,
    Promised,
    assess,
    check_sizes,
    departures,
    draw,
    error_budget,
    free_seed,
    labels_needed,
    people_noise,
    recommended_size,
)
from labelwright.services.acceptance.certify_rule import Groups, least_sample
from labelwright.services.acceptance.file_losses import file_losses
from labelwright.services.acceptance.groups import BY_LABEL, groups_by_name
from labelwright.services.acceptance.judge_answers import Answers, judge_answers
from labelwright.services.acceptance.statement import promise
from labelwright.settings.certify_choice import task_of


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line says; None or empty = nothing was said."""

    target_error: float | None
    confidence_level: float | None
    looks: tuple[int, ...]
    seed: int | None
    is_open_pool: bool
    labels: tuple[str, ...]
    rule: CertifyRule | None = None
    task: dict[str, Json] | None = None

    @property
    def target(self) -> float:
        """The target error, 10% when nothing was said."""
        return 0.1 if self.target_error is None else self.target_error

    @property
    def level(self) -> float:
        """The confidence level, 95% when nothing was said."""
        return 0.95 if self.confidence_level is None else self.confidence_level


def plan_labels(table: PredictionTable, wished: Wishes, *, json: bool) -> None:
    """Say how many labels are needed, and for what."""
    delta = error_budget(wished.level)
    groups = groups_of_file(table, wished.rule or CertifyRule())
    needs = labels_needed(sorted({*LADDER, wished.target}), delta=delta)
    size = recommended_size(len(table.ids), target_error=wished.target, delta=delta, rule=wished.rule)
    least = least_sample(wished.rule, n_pool=len(table.ids), target_error=wished.target, delta=delta)
    n_with_score = _n_with_score(table)
    if json:
        emit_json(
            {
                "file": str(table.file),
                "n_items": len(table.ids),
                "n_with_score": n_with_score,
                "score": table.score_column,
                "target_error": wished.target,
                "confidence_level": wished.level,
                "recommended_sample": size,
                "least_sample": least,
                "labels_needed": [asdict(need) for need in needs],
            }
        )
        return
    if table.score_column is None:
        say(f"{len(table.ids):,} predictions, {n_with_score:,} of them with a label; {_score_name(table)}.")
    else:
        say(
            f"{len(table.ids):,} predictions, {n_with_score:,} of them with a label and a score ({_score_name(table)})."
        )
    if size >= len(table.ids):
        say(
            f"A pool this small is best labelled by hand: certifying {exact_percent(wished.target)} error takes "
            f"{least:,} labelled items merely to start."
        )
        return
    show_needs(needs, target_error=wished.target)
    if wished.rule is not None and not wished.rule.is_plain:
        n_groups = 0 if groups is None else len(groups.names)
        say(needs_of_rule(wished.rule, wished.target, delta, least=least, n_groups=n_groups))
    say(f"Next: labelwright certify {table.file} --sample {size}{_again(wished)}")


def _again(wished: Wishes) -> str:
    """Repeat what was asked for: what is not said with --sample is not frozen."""
    rule, usual = wished.rule or CertifyRule(), CertifyRule()
    said: dict[str, object] = {"target-error": wished.target_error, "confidence-level": wished.confidence_level}
    said |= {name: getattr(rule, name) for name in ("method", "by", "split", "loss", "tolerance", "test")}
    words = [f"--{name} {value}" for name, value in said.items() if value not in {None, getattr(usual, name, None)}]
    files = [f"--{name} FILE" for name, given in (("costs", rule.costs), ("task", wished.task)) if given]
    return "".join(f" {word}" for word in (*words, *files, *(["--open-pool"] if wished.is_open_pool else [])))


def draw_sample(
    table: PredictionTable, wished: Wishes, *, size: int | None, out: Path | None, show: Sequence[str], json: bool
) -> None:
    """Write the ids to label, and beside them the plan that freezes everything else."""
    sizes = wished.looks if size is None or size in wished.looks[-1:] else (*wished.looks, size)
    check_sizes(
        sizes, n_pool=len(table.ids), target_error=wished.target, confidence_level=wished.level, rule=wished.rule
    )
    groups_of_file(table, wished.rule or CertifyRule())
    check_shown(table, show)
    sample = out if out is not None else table.file.with_name("sample.csv")
    beside = plan_file_of(sample)
    frozen = _freeze(table, wished, sizes, beside=beside)
    if not sample.exists() and not beside.exists():
        # The plan first: a plan without its sample is harmless, a sample without its plan is not.
        write_plan(beside, asdict(frozen))
    elif not beside.exists() or _plan_of(beside) != frozen:
        raise AlreadyExists(f"{sample} or {beside.name} exists already with another plan; choose another --out")
    if sample.exists():
        note(f"{sample} was drawn before with the same plan: nothing was changed")
    else:
        rows = _drawn(table, frozen)
        shown: list[list[Cell]] = [table.table.columns[name] for name in show]
        write_csv(
            sample,
            [table.id_column, *show, table.label_column],
            ([table.ids[row], *(column[row] for column in shown), ""] for row in rows),
        )
    if json:
        emit_json({"sample": str(sample), "plan": str(beside), **asdict(frozen)})
        return
    say(f"{frozen.looks[-1]:,} of {len(table.ids):,} items drawn at random into {sample}; the plan is {beside.name}.")
    said_target, said_level = exact_percent(wished.target), exact_percent(wished.level)
    rule = frozen.rule
    if rule.is_plain:
        say(f"Frozen: at most {said_target} wrong among the accepted, at {said_level} confidence.")
    else:
        say(f"Frozen: {promise(rule, target=wished.target, delta=error_budget(wished.level))}")
    say(_what_people_see(table, show))
    say("Have people fill in the labels without seeing the predictions, then:")
    say(f"  labelwright certify {table.file} --answers {sample}")


def certify_answers(
    table: PredictionTable,
    answers_file: Path,
    wished: Wishes,
    *,
    plan_file: Path | None,
    annotator: str | None,
    is_score_chosen: bool,
    count_missing_as_wrong: bool,
    accepted: Path | None,
    html: Path | None,
    json: bool,
) -> bool:
    """Judge the answers against the frozen plan, show and write what was found; give whether anything is certified."""
    _refuse_predictions(answers_file, table.file)
    file = _find_plan(table, answers_file, plan_file)
    plan = None if file is None else _plan_of(file)
    if file is not None and plan is not None:
        if not is_score_chosen:
            # What was frozen decides, not what would be recognised today.
            table = _as_frozen(table, plan)
        _check_plan(table, wished, plan, file)
    elif not is_score_chosen:
        check_score(table)
    given = read_answers(
        answers_file, id_column=table.id_column, label_column=table.label_column, annotator_column=annotator
    )
    judged = judge_answers(
        table.labels,
        table.row_of(),
        Answers(answers_file, given.ids, given.labels, given.annotators, given.lines),
        drawn=None if plan is None else _drawn(table, plan),
        looks=() if plan is None else plan.looks,
        known_labels=wished.labels,
        count_missing_as_wrong=count_missing_as_wrong,
    )
    rule, task = (wished.rule or CertifyRule(), wished.task) if plan is None else (plan.rule, plan.task)
    loss = file_losses(rule, table.labels, judged, None if task is None else task_of(task))
    rng = np.random.default_rng(0)  # for the null band and the bootstrap of the people's noise; no decision uses it
    found = assess(
        table.score,
        np.array(judged.rows, dtype=np.int64),
        np.array(judged.wrong, dtype=np.bool_),
        target_error=wished.target if plan is None else plan.target_error,
        confidence_level=wished.level if plan is None else plan.confidence_level,
        second=table.second,
        look=judged.look,
        n_looks=1 if plan is None else len(plan.looks),
        is_open_pool=wished.is_open_pool if plan is None else plan.is_open_pool,
        n_missing=judged.n_missing,
        noise=None if given.annotators is None else people_noise(judged.said, rng=rng),
        promised=None
        if rule.is_plain
        else Promised(rule, loss, groups_of_file(table, rule), (0 if plan is None else plan.seed,)),
        labels=table.labels,
        rng=rng,
    )
    subject = Subject(
        file=table.file.name,
        score=_score_name(table),
        n_items=len(table.ids),
        n_with_score=_n_with_score(table),
        confidence_level=wished.level if plan is None else plan.confidence_level,
        is_frozen=plan is not None,
        warnings=(*judged.warnings, *_drawn_again(plan)),
    )
    if html is not None:
        write_whole(html, as_page(found, subject).encode())
    if accepted is not None:
        _write_accepted(table, found, accepted)
    if json:
        emit_json(as_json(found, subject))
    else:
        show_assessment(found, subject)
    if html is not None:
        note(f"report: {html}")
    return found.outcome.is_certified


def _refuse_predictions(answers: Path, predictions: Path) -> None:
    """Refuse the predictions as their own answers: all of them would be right, and everything certified."""
    if not answers.is_file() or answers.stat().st_size != predictions.stat().st_size:
        return
    if answers.samefile(predictions) or answers.read_bytes() == predictions.read_bytes():
        raise InvalidFile(
            answers,
            "holds the predictions themselves, not what people said of them",
            hint="; --answers takes the sample that --sample wrote, with people's labels filled in",
        )


def groups_of_file(table: PredictionTable, rule: CertifyRule) -> Groups | None:
    """Give each row its group: its predicted label, or what a column says; None where there is one threshold.

    Raises: InvalidFile, when there is no such column.
    """
    if rule.by is None:
        return None
    if rule.by == BY_LABEL:
        return groups_by_name(table.labels)
    column = table.table.column(rule.by, option="--by")
    return groups_by_name([None if cell is None else f"{rule.by} = {cell}" for cell in column])


def check_labels(table: PredictionTable, known: Sequence[str]) -> None:
    """Raise InvalidFile for a predicted label that is none, when all labels were named."""
    names = set(known)
    for row, label in enumerate(table.labels) if names else ():
        if label is not None and label not in names:
            hint = did_you_mean(label, known)
            raise InvalidFile(table.file, f"{label!r} is no label", line=table.table.lines[row], hint=hint)


def check_shown(table: PredictionTable, show: Sequence[str]) -> None:
    """Raise InvalidValue for a column that would show people the prediction."""
    hidden = {table.label_column, table.score_column, table.second_column, *table.other_scores}
    for name in show:
        table.table.column(name, option="--show")
        if name in hidden:
            raise InvalidValue("--show", f"column {name!r} would show people the prediction; the sample must be blind")


def _what_people_see(table: PredictionTable, show: Sequence[str]) -> str:
    if show:
        return f"People see: {', '.join(show)}."
    hidden = {table.id_column, table.label_column, table.score_column, table.second_column, *table.other_scores}
    others = [name for name in table.table.columns if name not in hidden]
    if not others:
        return "It holds ids alone: people look the items up by them."
    hint = f"add --show {others[0]} and another --out" if len(others) == 1 else "add --show COLUMN and another --out"
    return f"It holds ids alone; to put what people read beside them, {hint} (there are: {', '.join(others)})."


def _freeze(table: PredictionTable, wished: Wishes, sizes: tuple[int, ...], *, beside: Path) -> CertifyPlan:
    """Fix everything. Each sample of the same predictions has a seed of its own, and they are counted."""
    others = {file: _plan_of(file) for file in find_plans(beside.parent, table.file.parent) if file != beside.resolve()}
    used = {plan.seed: file for file, plan in others.items() if plan.predictions_sha256 == table.sha256}
    own = _plan_of(beside) if beside.exists() else None
    unless_said = own.seed if own is not None else free_seed(used)
    seed = unless_said if wished.seed is None else wished.seed
    if own is None and seed in used:
        raise Conflict(
            f"seed {seed} drew the items of {used[seed].name} for these predictions: judging the same labels by a "
            "second plan would spend the error budget twice. Leave --seed out for a fresh draw, or plan several looks "
            "with --looks"
        )
    _, drawn_sha256 = draw(table.ids, sizes[-1], seed=seed)
    n_drawn = 1 + sum(
        plan.predictions_sha256 == table.sha256 or plan.drawn_sha256 == drawn_sha256 for plan in others.values()
    )
    return CertifyPlan(
        predictions=table.file.name,
        predictions_sha256=table.sha256,
        id_column=table.id_column,
        label_column=table.label_column,
        score_column=table.score_column,
        second_column=table.second_column,
        target_error=wished.target,
        confidence_level=wished.level,
        looks=sizes,
        seed=seed,
        is_open_pool=wished.is_open_pool,
        n_pool=len(table.ids),
        drawn_sha256=drawn_sha256,
        draw_number=n_drawn if own is None else own.draw_number,
        rule=wished.rule or CertifyRule(),
        task=wished.task,
    )


def _find_plan(table: PredictionTable, answers: Path, chosen: Path | None) -> Path | None:
    """Find the plan: the one chosen, the one beside the answers, else the one made for these predictions.

    A plan made for a file of this name that has changed since is found too, so that the change is noticed.
    """
    if chosen is not None:
        return chosen
    if plan_file_of(answers).is_file():
        return plan_file_of(answers)
    plans = {file: _plan_of(file) for file in find_plans(answers.parent, table.file.parent)}
    same = [file for file, plan in plans.items() if plan.predictions_sha256 == table.sha256]
    matching = same or [file for file, plan in plans.items() if plan.predictions == table.file.name]
    if len(matching) > 1:
        names = ", ".join(file.name for file in matching)
        raise typer.BadParameter(f"several plans fit {table.file.name} ({names}); choose one with --plan")
    return matching[0] if matching else None


def _plan_of(file: Path) -> CertifyPlan:
    try:
        return msgspec.convert(read_plan(file), CertifyPlan)
    except msgspec.ValidationError as problem:
        raise InvalidFile(file, f"is not a complete plan: {problem}") from problem


def _as_frozen(table: PredictionTable, plan: CertifyPlan) -> PredictionTable:
    if (table.score_column, table.second_column) == (plan.score_column, plan.second_column):
        return table
    return read_predictions(
        table.file,
        id_column=plan.id_column,
        label_column=plan.label_column,
        score_column=plan.score_column,
        second_column=plan.second_column,
    )


def _check_plan(table: PredictionTable, wished: Wishes, plan: CertifyPlan, file: Path) -> None:
    now = replace(
        plan,
        predictions_sha256=table.sha256,
        id_column=table.id_column,
        label_column=table.label_column,
        score_column=table.score_column,
        second_column=table.second_column,
        target_error=plan.target_error if wished.target_error is None else wished.target_error,
        confidence_level=plan.confidence_level if wished.confidence_level is None else wished.confidence_level,
        looks=wished.looks or plan.looks,
        seed=plan.seed if wished.seed is None else wished.seed,
        is_open_pool=wished.is_open_pool or plan.is_open_pool,
        rule=plan.rule if wished.rule is None else wished.rule,
        task=plan.task if wished.task is None else wished.task,
    )
    changed = departures(plan, now)
    if changed:
        raise Conflict(
            f"this departs from the plan frozen in {file.name}, which would void the certificate: "
            f"{'; '.join(changed)}. Go back to what was frozen (the ladder shows other targets for planning), or "
            "draw a new sample"
        )


def _drawn_again(plan: CertifyPlan | None) -> list[str]:
    if plan is None or plan.draw_number == 1:
        return []
    n, delta = plan.draw_number, exact_percent(error_budget(plan.confidence_level))
    said = (
        f"This is sample number {n} of these predictions or items. Each may fail by chance: over all of them the "
        f"chance of a broken promise is at most {n} × {delta}. Labels that helped to make or to choose the "
        "predictions do not count as a fresh sample."
    )
    return [said]


def _drawn(table: PredictionTable, plan: CertifyPlan) -> list[int]:
    rows, drawn_sha256 = draw(table.ids, plan.looks[-1], seed=plan.seed)
    if drawn_sha256 != plan.drawn_sha256:
        raise InvalidFile(table.file, "does not give the sample that the plan froze; draw a new one")
    return rows.tolist()


def _write_accepted(table: PredictionTable, found: Assessment, file: Path) -> None:
    if not found.outcome.is_certified:
        note(f"nothing is accepted: {file} was not written")
        return
    scored = [] if table.score_column is None else [table.score_column]
    rows = np.flatnonzero(found.outcome.accepted).tolist()
    write_csv(
        file,
        [table.id_column, table.label_column, *scored],
        ([table.ids[row], table.labels[row], *([table.score[row]] if scored else [])] for row in rows),
    )
    note(f"accepted: {file}")


def _n_with_score(table: PredictionTable) -> int:
    return int(np.count_nonzero(~np.isnan(table.score)))


def _score_name(table: PredictionTable) -> str:
    if table.score_column is None:
        return "no score: all predictions stand or fall together"
    return table.score_column if table.second_column is None else f"{table.score_column}, then {table.second_column}"
