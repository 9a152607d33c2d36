"""What explained examples are worth with a real model: `explain` beside `once`, with the same examples and without.

Run it: .venv/bin/python -m benchmarks.flows_explain --base-url http://localhost:8089/v1 --model NAME --where FOLDER

Server, sets, prices and how a stopped run goes on: as in `benchmarks.flows`. The examples are items that are not
measured, as many of each label, labelled in the project by a simulated person who says what is gold.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import yaml

from benchmarks.flows import TASKS, Row, Task, row_of, say, short, write
from labelwright.bootstrap import DATABASE
from labelwright.domain.annotator import Annotator
from labelwright.domain.ids import AnnotatorId, ItemKey
from labelwright.domain.queue import NewEntry
from labelwright.events import AnnotatorAdded, ItemsRouted
from labelwright.ports.storage import Transaction
from labelwright.prompting.chat import decode_response
from labelwright.services.people import annotate
from labelwright.workspace import ProjectHandle, Workspace

MOST = 80
"""Items that may be measured; those behind them may be examples. Measuring more of them asks for these alone."""
RESULTS = Path(__file__).parent / "results" / "flows_explain.json"
WAYS = {"bare": "once", "examples": "once", "reasoned": "reason", "explained": "explain"}
"""Way of asking -> its flow; all but the first see the examples."""
BASELINES = {"against_bare": "bare", "against_examples": "examples"}


def measure(name: str, task: Task, given: argparse.Namespace) -> Row:
    """Put each way of asking to one set. Raises LabelwrightError."""
    folder = Path(given.where) / task.folder
    folder.mkdir(parents=True, exist_ok=True)
    drawn = list(task.rows(MOST + 40 * given.each))
    rows, rest = drawn[: min(given.items, MOST)], drawn[MOST:]
    examples = [row for label in task.labels for row in [row for row in rest if row[2] == label][: given.each]]
    write(folder / "items.jsonl", [{"id": item, "text": text} for item, text, _ in [*drawn[:MOST], *examples]])
    write(folder / "gold.jsonl", [{"id": item, "label": label} for item, _, label in rows])
    (folder / "guideline.md").write_text(task.guideline)
    files = {way: folder / ("project.yaml" if way == "bare" else f"{way}.yaml") for way in WAYS}
    for way, file in files.items():
        shown = [] if way == "bare" else [item for item, _, _ in examples]
        file.write_text(yaml.safe_dump(_project(task, given, WAYS[way], shown), sort_keys=False, allow_unicode=True))
    ways: dict[str, Row] = {}
    with Workspace.create(folder) as workspace:
        handle = _prepared(workspace, {item: label for item, _, label in examples})
        names = {way: f"{given.model} · {way} · {flow} · fixed" for way, flow in WAYS.items()}
        names["bare"] = f"{given.model} · project · once · no examples"
        for against, baseline in BASELINES.items():  # the second time: the same answers, compared otherwise
            report = handle.evaluate(
                folder / "gold.jsonl",
                prompts=[file for way, file in files.items() if way != "bare"],
                baseline=names[baseline],
                progress=say(name),
            )
            if report.stopped:
                raise KeyboardInterrupt
            found = report.as_json()
            ways = ways or dict(zip(WAYS, map(row_of, found["variants"]), strict=True))
            for pair in found["comparisons"]:
                ways[_other(pair, names, baseline)][against] = _pair(pair, names[baseline])
    return {
        "labels": len(task.labels),
        "items": len(rows),
        "most_common_label": short(max(sum(r[2] == x for r in rows) for x in task.labels) / len(rows)),
        "examples": len(examples),
        "explanations": _explanations(folder / DATABASE),
        "ways": ways,
    }


def _project(task: Task, given: argparse.Namespace, flow: str, examples: list[str]) -> Row:
    source = {"model": given.model, "base_url": given.base_url, "max_tokens": given.max_tokens}
    source |= {"concurrency": given.concurrency, "price_input": 1, "price_output": 1}
    return {
        "name": task.folder,
        "instruction": task.instruction,
        "guideline": "guideline.md",
        "content_fields": ["text"],
        "questions": [{"name": "label", "labels": list(task.labels)}],
        "models": [source],
        "confidence": "logprob",
        "flow": flow,
        "examples": {"choose": "fixed", "items": examples} if examples else {"choose": "none"},
    }


def _prepared(workspace: Workspace, labels: dict[str, str]) -> ProjectHandle:
    """Give the project with its items; a simulated person has labelled the examples."""
    is_new = not workspace.projects()
    workspace.apply(workspace.path / "project.yaml")
    handle = workspace.project()
    if not is_new:
        return handle
    handle.import_items(workspace.path / "items.jsonl")
    project, world = handle.config, workspace.world

    def work(tx: Transaction) -> None:
        person = Annotator(AnnotatorId(world.new_id()), "who knows the gold", "simulated", "annotator")
        examples = [(int(key), str(id)) for key, id in tx.item_ids(project.id).items() if str(id) in labels]
        names = tuple(question.name for question in project.config.schema.questions)
        entries = tuple(
            NewEntry(ItemKey(key), names, "review", 0, float(-place), blind=False, reason="unsure")
            for place, (key, _) in enumerate(examples)
        )
        routed = ItemsRouted(project.id, "examples", 1, (), entries)
        tx.append([AnnotatorAdded(project.id, person), routed], world.provenance())
        for _ in examples:
            (card,) = annotate.lease_next(tx, project, person, count=1, world=world)
            annotate.submit(
                tx,
                project,
                person,
                lease=str(card["lease"]),
                answers={names[0]: labels[cast("dict[str, str]", card["item"])["id"]]},
                seconds=1.0,
                key=world.new_id(),
                world=world,
            )

    workspace.storage.write(work)
    return handle


def _explanations(database: Path) -> Row:
    """Count what came of the request to explain an example: answers to use, and answers cut off."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        rows = db.execute("SELECT key, status, response FROM call WHERE response IS NOT NULL").fetchall()
    kinds: dict[str, set[str]] = {"ok": set(), "truncated": set()}
    for key, status, response in rows:
        if status in kinds and '"explanation"' in decode_response(response).text:
            kinds[status].add(key)
    return {"given": len(kinds["ok"]), "cut_off": len(kinds["truncated"] - kinds["ok"])}


def _other(pair: Row, names: dict[str, str], baseline: str) -> str:
    return next(way for way, name in names.items() if way != baseline and name in (pair["first"], pair["second"]))


def _pair(pair: Row, baseline: str) -> Row:
    sign = 1 if pair["second"] == baseline else -1
    low, high = (pair["low"], pair["high"]) if sign == 1 else (-pair["high"], -pair["low"])
    return {
        "difference": short(sign * pair["difference"]),
        "low": short(low),
        "high": short(high),
        "p_value": short(pair["p_value"]),
        "p_corrected": short(pair["p_corrected"]),
    }


def main() -> None:
    """Measure, and write the figures after each set."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--base-url", default="http://localhost:8089/v1")
    asked.add_argument("--model", required=True)
    asked.add_argument("--server", default="", help="what answers, with its version; kept with the figures")
    asked.add_argument("--where", required=True, help="folder of the workspaces")
    asked.add_argument("--items", type=int, default=40, help=f"measured items, at most {MOST}")
    asked.add_argument("--each", type=int, default=2, help="examples of each label")
    asked.add_argument("--set", default="", help="only sets with this in their name; the others' figures stay")
    asked.add_argument("--concurrency", type=int, default=4)
    asked.add_argument("--max-tokens", type=int, default=128)
    asked.add_argument("--json", type=Path, default=RESULTS)
    given = asked.parse_args()
    kept: Row = json.loads(given.json.read_text())["sets"] if given.set and given.json.exists() else {}
    found: dict[str, Any] = {"model": given.model, "server": given.server, "max_tokens": given.max_tokens, "sets": kept}
    for name, task in TASKS.items():
        if given.set not in name:
            continue
        found["sets"][name] = measure(name, task, given)
        given.json.write_text(json.dumps(found, indent=1) + "\n")
        print("\n" + "\n".join(_table(found["sets"][name])))


def _table(measured: Row) -> Iterator[str]:
    """Give the table of docs/explain/flows.md."""
    yield "| flow | examples | right | points against `once` without | `once` with them | no valid answer | tokens |"
    yield "|---|---|---|---|---|---|---|"
    for way, row in measured["ways"].items():
        pairs = [row.get(against) for against in BASELINES]
        cells = [
            f"`{WAYS[way]}`",
            "none" if way == "bare" else f"{measured['examples']}" + (", explained" if way == "explained" else ""),
            f"{row['accuracy']:.1%} ({row['low']:.1%} to {row['high']:.1%})",
            *(
                "–" if p is None else f"{100 * p['difference']:+.1f} [{100 * p['low']:+.1f}, {100 * p['high']:+.1f}]"
                for p in pairs
            ),
            f"{row['no_valid_answer']:.1%}",
            str(row["tokens_per_item"]),
        ]
        yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
