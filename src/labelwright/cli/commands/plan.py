"""labelwright plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from labelwright.adapters.formats.text_table import write_whole
from labelwright.cli.commands import world_options as of
from labelwright.cli.options import JsonOption, ProjectOption
from labelwright.cli.output import dollars, emit_json, facts, note, say, table


def command(
    world: of.WorldFile = None,
    *,
    items: of.Items = None,
    budget: of.Budget = None,
    target_accuracy: of.TargetAccuracy = None,
    target_error: of.TargetError = None,
    confidence_level: of.ConfidenceLevel = None,
    model_price: of.ModelPrice = None,
    model_accuracy: of.ModelAccuracy = None,
    auroc: of.Auroc = None,
    human_price: of.HumanPrice = None,
    human_accuracy: of.HumanAccuracy = None,
    review_price: of.ReviewPrice = None,
    gold_price: of.GoldPrice = None,
    adopt: of.Adopt = None,
    overcorrect: of.Overcorrect = None,
    most_votes: of.MostVotes = None,
    vote_correlation: of.VoteCorrelation = None,
    gold: of.Gold = None,
    gold_votes: of.GoldVotes = None,
    audit: of.Audit = None,
    audit_share: of.AuditShare = None,
    workspace: of.MaybeWorkspace = None,
    project: ProjectOption = None,
    question: Annotated[
        str | None, typer.Option("--question", help="Of a project with several; else the first.", metavar="NAME")
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Draw the plan into this file, which needs nothing else.", metavar="FILE"),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Say how a budget is best spent on gold, audit, review and fresh labels, or what a target costs at least.

    With figures alone it needs no project. In a workspace, what the project knows of itself fills in: accuracy and
    confidence from its blind labels, prices from its calls and its people's time; options go before that, and the plan
    is kept for the report.
    """
    options = {
        "items": items,
        "budget": budget,
        "target_accuracy": target_accuracy,
        "target_error": target_error,
        "confidence_level": confidence_level,
        "model_price": model_price,
        "model_accuracy": model_accuracy,
        "auroc": auroc,
        "human_price": human_price,
        "human_accuracy": human_accuracy,
        "review_price": review_price,
        "gold_price": gold_price,
        "adopt": adopt,
        "overcorrect": overcorrect,
        "most_votes": most_votes,
        "vote_correlation": vote_correlation,
        "gold": gold,
        "gold_votes": gold_votes,
        "audit": audit,
        "audit_share": audit_share,
    }
    written = of.world_of(world, options)
    folder = of.workspace_of(workspace, written, project)
    with of.errors_by_option(options):
        if folder is None:
            from labelwright.services.money.plan_money import plan_report
            from labelwright.services.money.plan_money_inputs import read_inputs

            report = cast("Mapping[str, Any]", plan_report(read_inputs(written)))
        else:
            with of.open_workspace(folder) as opened:
                report = cast("Mapping[str, Any]", opened.project(project).plan(written, question=question))
    if html is not None:
        from labelwright.adapters.report.plan_charts import plan_page

        write_whole(html, plan_page(report).encode())
        note(f"drawn into {html}")
    if json:
        emit_json(report)
    else:
        tell_plan(report)


def tell_plan(report: Mapping[str, Any]) -> None:
    """Tell a plan in a terminal."""
    chosen, n = report["chosen"], report["n_items"]
    say(_headline(report))
    facts(
        {
            "gold": f"{chosen['gold']:,} drawn at random, labelled blind"
            + (f" ({chosen['gold_there']:,} exist already)" if chosen["gold_there"] else ""),
            **({"audit": _audited(chosen)} if chosen["audit"] else {}),
            **(
                {"labelled already": f"{chosen['seen_there']:,} by people, beside gold and audit"}
                if chosen["seen_there"]
                else {}
            ),
            "reviewed": f"{chosen['reviewed']:,} by people, the least sure first",
            **({"fresh": f"{chosen['fresh']:,} labelled from scratch"} if chosen["fresh"] else {}),
            **{f"by {name}": f"{count:,} asked about" for name, count in chosen["models"].items()},
            **{f"{k} people": f"on {count:,} items" for k, count in chosen["votes"].items() if k != "1"},
            "unseen": f"{chosen['unseen']:,} keep the model's label",
            "accuracy": f"{_share(chosen['accuracy'])}   (95%: {_share(chosen['low'])} to {_share(chosen['high'])})",
            "cost": _cost(chosen),
            "per right label": dollars(chosen["cost_per_correct"]),
            "next $100": _worth(report["next_100"]),
        }
    )
    certified = report["certified"]
    if certified is not None and certified["share"]:
        say(
            f"  This gold is expected to certify {_share(certified['share'])} of the items at "
            f"{_share(certified['target_error'])} error (confidence {_share(certified['confidence_level'])})."
        )
    table(
        ("cost", "accuracy", "95% interval", "gold", "audit", "reviewed", "fresh", ""),
        [
            (
                f"${point['cost']:,.0f}",
                _share(point["accuracy"]),
                f"{_share(point['low'])}–{_share(point['high'])}",
                point["gold"],
                point["audit"],
                point["reviewed"],
                point["fresh"],
                "◄" if point["chosen"] else "",
            )
            for point in report["frontier"]
        ],
        title="What other sums would buy (◄ this plan)",
        whole=("cost", "95% interval"),
    )
    _tell_sensitivities(report["sensitivities"], report["inputs"])
    for warning in report["warnings"]:
        say(f"! {warning}")
    if n != sum(chosen[part] for part in ("gold", "audit", "reviewed", "fresh", "unseen", "seen_there")):
        say("  (items are rounded to whole ones)")


def _audited(chosen: Mapping[str, Any]) -> str:
    there = f" ({chosen['audit_there']:,} exist already)" if chosen["audit_there"] else ""
    return f"{chosen['audit']:,} of what nobody sees, blind{there}"


def _headline(report: Mapping[str, Any]) -> str:
    wish, chosen = report["wish"], report["chosen"]
    n = f"{report['n_items']:,} items"
    if wish["budget"] is not None:
        return f"{n}, at most ${wish['budget']:,.2f}: {_share(chosen['accuracy'])} right for ${chosen['cost']:,.2f}"
    if wish["target_accuracy"] is not None:
        return f"{n}, {_share(wish['target_accuracy'])} right: ${chosen['cost']:,.2f} at least"
    return (
        f"{n}, all that nobody sees certified at {_share(wish['target_error'])} error: ${chosen['cost']:,.2f} at least"
    )


def _tell_sensitivities(rows: Sequence[Mapping[str, Any]], inputs: Mapping[str, Any]) -> None:
    def outcome(value: float | None, kind: str) -> str:
        if value is None:
            return "no plan"
        return _share(value) if kind == "accuracy" else f"${value:,.0f}"

    def figure(name: str, value: float) -> str:
        return f"{value:,.0f}" if name == "gold" else f"{value:.4g}"

    table(
        ("if it were", "from", "to", "then from", "to", "interval"),
        [
            (
                one["name"].replace("_", " "),
                figure(one["name"], one["low"]),
                figure(one["name"], one["high"]),
                outcome(one["at_low"], one["outcome"]),
                outcome(one["at_high"], one["outcome"]),
                _whence(one, inputs),
            )
            for one in rows
        ],
        title="What the answer depends on, most first",
    )


def _whence(row: Mapping[str, Any], inputs: Mapping[str, Any]) -> str:
    """Say where an interval comes from; the size of the gold is nobody's measurement."""
    source = str(inputs.get(row["name"], {}).get("source", ""))
    if row["name"] == "gold":
        return "a choice"
    if row["is_assumed"] or source.startswith("assumed"):
        return "a guess"
    return "as stated" if source.startswith("stated") else "as measured"


def _cost(chosen: Mapping[str, Any]) -> str:
    said = f"${chosen['cost']:,.2f}"
    if chosen["cost_low"] is None:
        return said
    return f"{said}   (95%: ${chosen['cost_low']:,.0f} to ${chosen['cost_high']:,.0f})"


def _worth(next_100: Mapping[str, float]) -> str:
    if next_100["correct"] < 0.05:
        return "buys nothing"
    return f"{next_100['correct']:,.1f} more right labels ({100 * next_100['accuracy']:.3f} points)"


def _share(value: float) -> str:
    return f"{100 * value:.2f}".rstrip("0").rstrip(".") + "%"
