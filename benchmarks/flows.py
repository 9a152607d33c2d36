"""What each flow is worth with a real model: all flows on the same items, each against `once`.

Run it: .venv/bin/python -m benchmarks.flows --base-url http://localhost:8089/v1 --model NAME --where FOLDER

A model server must run (docs/howto/providers.md says which was used). Items come from the folder of real data beside
the repository; only figures are written. Each set is a workspace in FOLDER, and every answer is in its call ledger:
stopped, the same command goes on, and once all are answered it asks for nothing.

The prices make a token cost one micro-dollar, so that the cost of a variant is its tokens.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from labelwright.workspace import ProjectHandle, Workspace

RESULTS = Path(__file__).parent / "results" / "flows.json"
SHARED = Path(os.environ.get("LABELWRIGHT_SHARED", Path(__file__).parents[2] / "shared"))
FLOWS = ("once", "repair", "reflect", "p_true", "reason", "self_consistency")
OWN_SIGNAL = {"p_true": "p_true", "self_consistency": "consistency"}
SEED = 7

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """A set of short texts. take: a row's item and its gold give the label, or None to leave it out."""

    folder: str
    labels: tuple[str, ...]
    instruction: str
    guideline: str
    take: Callable[[Row], str | None]
    longest: int = 200

    def rows(self, n: int) -> Iterator[tuple[str, str, str]]:
        """Give id, text and label of n items, drawn by the seed."""
        gold = {row["id"]: row for row in _read(SHARED / "data/gold" / self.folder, "gold")}
        known = [
            (row["id"], row["text"], label)
            for row in _read(SHARED / "data/gold" / self.folder, "items")
            if row["id"] in gold
            and 20 <= len(row["text"]) <= self.longest
            and (label := self.take(gold[row["id"]])) is not None
        ]
        random.Random(SEED).shuffle(known)
        yield from known[:n]


TASKS = {
    "film sentiment (SST, two classes)": Task(
        "cls_sst5",
        ("positive", "negative"),
        "Say whether the sentence from a film review is positive or negative.",
        "Does the sentence speak well of the film (positive) or badly (negative)?",
        lambda gold: None if gold["label"] == "neutral" else str(gold["binary"]),
        160,
    ),
    "film reviews (IMDB, the shortest)": Task(
        "big_imdb100k",
        ("positive", "negative"),
        "Say whether the review of a film is positive or negative.",
        "Is the writer on balance content with the film (positive) or not (negative)?",
        lambda gold: {"pos": "positive", "neg": "negative"}.get(str(gold["label"]), str(gold["label"])),
        300,
    ),
    "news topic (AG News, four classes)": Task(
        "cls_agnews",
        ("World", "Sports", "Business", "Sci/Tech"),
        "Say which section of a newspaper the report belongs to.",
        "World: politics, wars, disasters. Sports: games, athletes. Business: companies, markets, the economy. "
        "Sci/Tech: science, computers, the internet.",
        lambda gold: str(gold["label"]),
    ),
    "comments (YouTube, spam or not)": Task(
        "ws_youtube_spam",
        ("spam", "no spam"),
        "Say whether the comment under a music video is spam.",
        "Spam advertises something or asks to follow, subscribe to or visit something else. "
        "A comment on the video or its music is no spam.",
        lambda gold: "spam" if gold["label"] == "SPAM" else "no spam",
    ),
}


def measure(name: str, task: Task, given: argparse.Namespace) -> Row:
    """Put all flows to one set. Raises LabelwrightError."""
    folder = Path(given.where) / task.folder
    folder.mkdir(parents=True, exist_ok=True)
    rows = list(task.rows(given.items))
    write(folder / "items.jsonl", [{"id": item, "text": text} for item, text, _ in rows])
    write(folder / "gold.jsonl", [{"id": item, "label": label} for item, _, label in rows])
    (folder / "guideline.md").write_text(task.guideline)
    started, flows = time.monotonic(), given.flows.split(",")
    with Workspace.create(folder) as workspace:
        report = _in_force(workspace, task, given, "logprob", "repair").evaluate(
            folder / "gold.jsonl",
            flows=flows,
            baseline=f"{given.model} · once" if len(flows) > 1 else None,
            progress=say(name),
        )
        if report.stopped:
            raise KeyboardInterrupt
        found = report.as_json()
        variants = {flow: row_of(variant) for flow, variant in zip(flows, found["variants"], strict=True)}
        for pair in found["comparisons"]:
            first, second = (pair[which].split(" · ")[1] for which in ("first", "second"))
            low, high, sign = (pair["low"], pair["high"], 1) if second == "once" else (-pair["high"], -pair["low"], -1)
            variants[second if first == "once" else first]["against_once"] = {
                "difference": short(sign * pair["difference"]),
                "low": short(low),
                "high": short(high),
                "p_value": short(pair["p_value"]),
                "p_corrected": short(pair["p_corrected"]),
            }
        for flow in flows:  # how well a flow's own signal ranks: the same answers, read again
            if flow in OWN_SIGNAL:
                handle = _in_force(workspace, task, given, OWN_SIGNAL[flow], flow)
                again = handle.evaluate(folder / "gold.jsonl", flows=[flow]).as_json()["variants"][0]
                variants[flow]["own_signal"] = row_of(again)["signal"]
                variants[flow]["calls_for_own_signal"] = again["calls"]
    return {
        "labels": len(task.labels),
        "items": len(rows),
        "most_common_label": short(max(sum(r[2] == x for r in rows) for x in task.labels) / len(rows)),
        "seconds_now": round(time.monotonic() - started),
        "flows": variants,
    }


def _in_force(workspace: Workspace, task: Task, given: argparse.Namespace, confidence: str, flow: str) -> ProjectHandle:
    source = {"model": given.model, "base_url": given.base_url, "max_tokens": given.max_tokens}
    source |= {"concurrency": given.concurrency, "price_input": 1, "price_output": 1}
    signals = [] if confidence == "logprob" else ["logprob"]
    project = {
        "name": task.folder,
        "instruction": task.instruction,
        "guideline": "guideline.md",
        "content_fields": ["text"],
        "questions": [{"name": "label", "labels": list(task.labels)}],
        "models": [source],
        "confidence": confidence,
        "signals": signals,
        "flow": flow,
    }
    file = workspace.path / "project.yaml"
    file.write_text(yaml.safe_dump(project, sort_keys=False, allow_unicode=True))
    is_new = not workspace.projects()
    workspace.apply(file)
    handle = workspace.project()
    if is_new:
        handle.import_items(workspace.path / "items.jsonl")
    return handle


def row_of(variant: Row) -> Row:
    """Give a variant's figures as they are kept."""
    scores, n = variant["scores"][0], variant["items"]
    calibration = scores["calibration"]
    keys = ("signal", "n", "ece", "null_upper", "brier", "auroc", "auroc_low", "auroc_high")
    return {
        "right": scores["n_right"],
        "n": n,
        "accuracy": short(scores["accuracy"]),
        "low": short(scores["low"]),
        "high": short(scores["high"]),
        "no_valid_answer": short(scores["invalid"]),
        "signal": None if calibration is None else {key: short(calibration.get(key)) for key in keys},
        "requests_per_item": short(variant["requests"] / n),
        "tokens_per_item": None if variant["cost_micro"] is None else round(variant["cost_micro"] / 1000),
        "median_seconds": None if variant["median_ms"] is None else round(variant["median_ms"] / 1000, 2),
    }


def short(value: object) -> object:
    """Give a number with four digits."""
    return float(f"{value:.4g}") + 0.0 if isinstance(value, float) else value  # no -0.0


def say(name: str) -> Callable[[int, int], None]:
    """Give what tells how far a set is."""
    began = time.monotonic()

    def say(done: int, of: int) -> None:
        print(f"\r{name}: {done} of {of}, {time.monotonic() - began:.0f} s", end="", flush=True)

    return say


def _read(folder: Path, name: str) -> Iterator[Row]:
    plain = folder / f"{name}.jsonl"
    if plain.exists():
        yield from map(json.loads, plain.read_text().splitlines())
    else:
        with gzip.open(folder / f"{name}.jsonl.gz", "rt") as lines:
            yield from map(json.loads, lines)


def write(path: Path, rows: list[Row]) -> None:
    """Write JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def main() -> None:
    """Measure, and write the figures after each set."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--base-url", default="http://localhost:8089/v1")
    asked.add_argument("--model", required=True)
    asked.add_argument("--server", default="", help="what answers, with its version; kept with the figures")
    asked.add_argument("--where", required=True, help="folder of the workspaces")
    asked.add_argument("--items", type=int, default=150)
    asked.add_argument("--flows", default=",".join(FLOWS))
    asked.add_argument("--set", default="", help="only sets with this in their name; the others' figures stay")
    asked.add_argument("--concurrency", type=int, default=4)
    asked.add_argument("--max-tokens", type=int, default=160)
    asked.add_argument("--json", type=Path, default=RESULTS)
    given = asked.parse_args()
    kept: Row = json.loads(given.json.read_text())["sets"] if given.set and given.json.exists() else {}
    found: Row = {"model": given.model, "server": given.server, "max_tokens": given.max_tokens, "sets": kept}
    for name, task in TASKS.items():
        if given.set not in name:
            continue
        found["sets"][name] = measure(name, task, given)
        given.json.write_text(json.dumps(found, indent=1) + "\n")
        print()
        print("\n".join(_table(found["sets"][name])))


def _table(measured: Row) -> Iterator[str]:
    """Give the table of docs/explain/flows.md."""
    yield "| flow | right | against `once`, in points | p | AUROC | requests | tokens | seconds |"
    yield "|---|---|---|---|---|---|---|---|"
    for flow, row in measured["flows"].items():
        pair, signal = row.get("against_once"), row.get("own_signal") or row["signal"]
        cells = [
            f"`{flow}`",
            f"{row['accuracy']:.1%} ({row['low']:.1%} to {row['high']:.1%})",
            f"{100 * pair['difference']:+.1f} [{100 * pair['low']:+.1f}, {100 * pair['high']:+.1f}]" if pair else "–",
            f"{pair['p_value']:.2g}" if pair else "–",
            "–" if signal is None or signal["auroc"] is None else f"{signal['auroc']:.2f} ({signal['signal']})",
            f"{row['requests_per_item']:.2f}",
            str(row["tokens_per_item"]),
            str(row["median_seconds"]),
        ]
        yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
