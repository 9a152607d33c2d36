"""`labelwright certify --chain`: whatever is due next in a chain of models, each asked about what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import msgspec
import numpy as np

from labelwright.adapters.formats.certify_plan import CHAIN_FILE, CHAIN_KIND, read_plan, write_plan
from labelwright.adapters.formats.prediction_table import PredictionTable, read_answers, read_predictions
from labelwright.adapters.formats.text_table import Cell, write_csv
from labelwright.cli.commands.certify_chain_view import ChainView, emit_chain, show_chain
from labelwright.cli.commands.certify_steps import Wishes, check_labels, check_shown
from labelwright.cli.output import note
from labelwright.errors import Conflict, InvalidFile, InvalidValue
from labelwright.services.acceptance.certify_chain import (
    ChainPlan,
    ChainRound,
    Ints,
    LinkLabels,
    LinkOutcome,
    certify_round,
    check_round,
    check_unchanged,
    draw_round,
    judged,
    recommended_round,
)
from labelwright.services.acceptance.certify_predictions import free_seed, ids_hash
from labelwright.services.acceptance.judge_answers import Answers, judge_answers


@dataclass(frozen=True, slots=True)
class ChainWishes:
    """What the command line says of a chain.

    files: the models' predictions, cheapest first; all but the first may come later.  label_columns, score_columns:
    one for all files, or one for each; empty = recognised.  prices: per call, in any unit; empty = unknown.
    """

    files: tuple[Path, ...]
    id_column: str | None
    label_columns: tuple[str, ...]
    score_columns: tuple[str, ...]
    prices: tuple[float, ...]
    folder: Path | None
    sample: int | None
    show: tuple[str, ...]
    annotator: str | None
    count_missing_as_wrong: bool

    @property
    def out(self) -> Path:
        """The chain's folder: `cheap.csv` → `cheap-chain/`."""
        return self.folder or self.files[0].with_name(f"{self.files[0].name.split('.')[0]}-chain")


def run_chain(wished: Wishes, chain: ChainWishes, *, json: bool) -> bool:
    """Go as far as answers and predictions allow, draw the next sample if one is wished, and say where it stands.

    Gives whether something is accepted, or more is to come.
    Raises: Conflict, when something differs from what was frozen; NotReady, while a sample is half answered.
    """
    _check(chain)
    frozen = _plan_of(chain.out / CHAIN_FILE) if (chain.out / CHAIN_FILE).exists() else None
    first = _read(chain, 0, frozen)
    check_labels(first, wished.labels)
    check_shown(first, chain.show)
    plan = _new_plan(wished, chain, first) if frozen is None else frozen
    _check_plan(plan, wished, chain, first)
    view = ChainView(plan, chain.out, chain.files, len(first.ids), chain.prices)
    reached: Ints = np.arange(len(first.ids), dtype=np.int64)
    samples: list[Ints] = []
    accepted: list[list[Cell]] = []
    for link, file in enumerate(chain.files):
        table = first if link == 0 else _read(chain, link, frozen) if file.is_file() else None
        ask = chain.out / f"ask-{link + 1}.csv"
        if link:
            _write_rest(ask, first, reached, plan.show)
        labels = None if table is None else _aligned(table, first, reached)
        if table is None or labels is None:
            view.waits_for = file
            view.ask = ask
            break
        check_labels(table, wished.labels)
        place = chain.out / f"sample-{link + 1}.csv"
        if link == len(plan.rounds):
            if chain.sample is None:
                view.recommended = recommended_round(len(reached), plan)
                break
            plan = _draw(plan, chain, first, table, reached, link=link, place=place)
            view.plan, view.drawn = plan, place
            break
        drawn = draw_round(reached, plan.rounds[link].n, seed=plan.seed, link=link)
        check_unchanged(first.ids, reached, drawn, plan.rounds[link], table.sha256)
        samples.append(drawn)
        outcome = _certify(
            plan, chain, first, labels, reached=reached, samples=samples, place=place, known=wished.labels
        )
        view.outcomes.append(outcome)
        accepted += [
            [first.ids[i], labels.labels[i], link + 1, file.name, float(labels.score[i])]
            for i in _rows(outcome.link.accepted)
        ]
        reached = outcome.link.forwarded
    if view.outcomes:
        write_csv(
            chain.out / "accepted.csv", [first.id_column, first.label_column, "link", "predictions", "score"], accepted
        )
    view.is_done = len(view.outcomes) == len(chain.files)
    if view.is_done:
        _write_rest(chain.out / "people.csv", first, reached, plan.show)
    (emit_chain if json else show_chain)(view)
    return bool(accepted) or not view.is_done


def _check(chain: ChainWishes) -> None:
    n = len(chain.files)
    for name, given in (
        ("--label", chain.label_columns),
        ("--score", chain.score_columns),
        ("--price", chain.prices),
    ):
        if len(given) > 1 and len(given) != n:
            raise InvalidValue(name, f"names {len(given)} of {n} links; give one for each, cheapest first")
    if len(chain.prices) == 1:
        raise InvalidValue("--price", f"give one price for each of the {n} links, cheapest first")


def _of_link(given: Sequence[str], link: int) -> str | None:
    return None if not given else given[0] if len(given) == 1 else given[link]


def _read(chain: ChainWishes, link: int, frozen: ChainPlan | None) -> PredictionTable:
    """Read a link's predictions; once its sample is drawn, what was frozen decides, not what is recognised today."""
    label, score = _of_link(chain.label_columns, link), _of_link(chain.score_columns, link)
    drawn = frozen.rounds[link] if frozen is not None and link < len(frozen.rounds) else None
    found = read_predictions(
        chain.files[link],
        id_column=chain.id_column,
        label_column=label if drawn is None or label is not None else drawn.label_column,
        score_column=score if drawn is None or score is not None else drawn.score_column,
    )
    if drawn is not None and (found.label_column, found.score_column) != (drawn.label_column, drawn.score_column):
        raise Conflict(
            f"{found.file.name}: its sample was drawn for the columns {drawn.label_column!r} and "
            f"{drawn.score_column!r}, not {found.label_column!r} and {found.score_column!r}, which would void its "
            "certificate"
        )
    return found


def _new_plan(wished: Wishes, chain: ChainWishes, first: PredictionTable) -> ChainPlan:
    """Make a plan, which the first draw will freeze."""
    pool = ids_hash(first.ids)
    others = _other_chains(chain, pool)
    used = {plan.seed for plan in others}
    seed = free_seed(used) if wished.seed is None else wished.seed
    if seed in used:
        raise Conflict(f"seed {seed} drew another chain's samples of these items; leave --seed out for fresh ones")
    if others:
        note(
            f"This is chain number {len(others) + 1} over these items: each may fail by chance, and labels that helped "
            "to make or to choose the predictions are no fresh sample."
        )
    links = tuple(file.name for file in chain.files)
    return ChainPlan(links, wished.target, wished.level, seed, pool, chain.show)


def _check_plan(plan: ChainPlan, wished: Wishes, chain: ChainWishes, first: PredictionTable) -> None:
    for name, frozen, now in (
        ("the links", plan.links, tuple(file.name for file in chain.files)),
        ("the items", plan.pool_sha256, ids_hash(first.ids)),
        ("the target error", plan.target_error, wished.target_error),
        ("the confidence level", plan.confidence_level, wished.confidence_level),
        ("the seed", plan.seed, wished.seed),
    ):
        if now is not None and frozen != now:
            said = "" if name == "the items" else f" (frozen {frozen!r}, now {now!r})"
            raise Conflict(
                f"{name} differ from the plan frozen in {chain.out / CHAIN_FILE}{said}, which would void its "
                "certificates: go back to what was frozen, or begin a new chain in another folder (--out)"
            )


def _other_chains(chain: ChainWishes, pool: str) -> list[ChainPlan]:
    found = [
        _plan_of(file)
        for folder in {chain.files[0].parent, chain.out.parent}
        for file in folder.glob(f"*/{CHAIN_FILE}")
    ]
    return [plan for plan in found if plan.pool_sha256 == pool]


def _plan_of(file: Path) -> ChainPlan:
    try:
        return msgspec.convert(read_plan(file, kind=CHAIN_KIND), ChainPlan)
    except msgspec.ValidationError as problem:
        raise InvalidFile(file, f"is not a complete plan: {problem}") from problem


def _aligned(table: PredictionTable, first: PredictionTable, reached: Ints) -> LinkLabels | None:
    """Lay a link's predictions over the chain's items; None while it does not name every item that reached it."""
    row_of = table.row_of()
    wanted = {i: row_of.get(first.ids[i]) for i in _rows(reached)}
    missing = [first.ids[i] for i, row in wanted.items() if row is None]
    if missing:
        note(
            f"{table.file} lacks {len(missing):,} of the {len(reached):,} items it is to be asked about (such as "
            f"{missing[0]!r}); an item without an answer gets a row with an empty label"
        )
        return None
    labels: list[str | None] = [None] * len(first.ids)
    score = np.full(len(first.ids), np.nan)
    for i, row in wanted.items():
        if row is not None:
            labels[i], score[i] = table.labels[row], table.score[row]
    return LinkLabels(labels, score)


def _draw(
    plan: ChainPlan,
    chain: ChainWishes,
    first: PredictionTable,
    table: PredictionTable,
    reached: Ints,
    *,
    link: int,
    place: Path,
) -> ChainPlan:
    n = chain.sample or 0
    check_round(n, len(reached), plan)
    drawn = draw_round(reached, n, seed=plan.seed, link=link)
    frozen = ChainRound(
        predictions=table.file.name,
        predictions_sha256=table.sha256,
        label_column=table.label_column,
        score_column=table.score_column,
        n_reached=len(reached),
        reached_sha256=ids_hash([first.ids[i] for i in _rows(reached)]),
        n=n,
        drawn_sha256=ids_hash([first.ids[i] for i in _rows(drawn)]),
    )
    plan = replace(plan, rounds=(*plan.rounds, frozen))
    # The plan first: a plan without its sample is harmless, a sample without its plan is not.
    chain.out.mkdir(parents=True, exist_ok=True)
    write_plan(chain.out / CHAIN_FILE, asdict(plan), kind=CHAIN_KIND)
    _write_rest(place, first, drawn, plan.show, empty=(first.label_column,))
    return plan


def _certify(
    plan: ChainPlan,
    chain: ChainWishes,
    first: PredictionTable,
    labels: LinkLabels,
    *,
    reached: Ints,
    samples: list[Ints],
    place: Path,
    known: Sequence[str],
) -> LinkOutcome:
    link = len(samples) - 1
    if not place.is_file():  # the plan was written, and then something stopped us
        _write_rest(place, first, samples[-1], plan.show, empty=(first.label_column,))
    given = read_answers(
        place, id_column=first.id_column, label_column=first.label_column, annotator_column=chain.annotator
    )
    answered = judge_answers(
        labels.labels,
        first.row_of(),
        Answers(place, given.ids, given.labels, given.annotators, given.lines),
        drawn=_rows(samples[-1]),
        looks=(len(samples[-1]),),
        known_labels=known,
        count_missing_as_wrong=chain.count_missing_as_wrong,
    )
    for warning in answered.warnings:
        note(warning)
    wrong = np.array(answered.wrong, dtype=np.bool_)
    price = chain.prices[link] if chain.prices else 0.0
    found = certify_round(plan, labels, reached=reached, samples=samples, wrong=wrong, price=price)
    return judged(found, labels, samples[-1], wrong, n_missing=answered.n_missing)


def _rows(positions: Ints) -> list[int]:
    return [int(i) for i in positions]


def _write_rest(
    file: Path, first: PredictionTable, rows: Ints, show: Sequence[str], *, empty: tuple[str, ...] = ()
) -> None:
    """Write items by id, with the shown columns."""
    shown = [first.table.columns[name] for name in show]
    file.parent.mkdir(parents=True, exist_ok=True)
    write_csv(
        file,
        [first.id_column, *show, *empty],
        ([first.ids[i], *(column[i] for column in shown), *("" for _ in empty)] for i in _rows(rows)),
    )
