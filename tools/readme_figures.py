"""Write the README's figures from the benchmarks' results, between their marks.

`python tools/readme_figures.py` rewrites README.md; with `--check` it fails when a figure is stale.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
README = ROOT / "README.md"
SHOWN_SETS = ("tc_toxicity_es", "babe_media_bias", "alt_cebab_aspects", "tc_env_claims", "gwsd_stance_conf")


def triage() -> str:
    """Per limit: how many of the recorded sets certify, and what the promise and a fixed threshold did."""
    rows: Sequence[Mapping[str, Any]] = _read("triage")["rows"]
    limits = sorted({row["target_error"] for row in rows})
    by = {(row["dataset"], row["target_error"]): row for row in rows}
    n_sets = len({row["dataset"] for row in rows})
    at = {limit: [row for row in rows if row["target_error"] == limit] for limit in limits}
    head = ["at most wrong", *(f"{limit:.0%}" for limit in limits)]
    lines = [
        [f"sets of {n_sets} certified in at least half of the draws"]
        + [str(sum(row["certified"] >= 0.5 for row in at[limit])) for limit in limits],
        ["worst set: draws that broke the limit (promise: 5%)"]
        + [f"{max(row['violations'] for row in at[limit]):.1%}" for limit in limits],
        ["sets where a fixed 0.95 accepts something and breaks the limit"]
        + [str(sum(bool(row["naive_breaks"]) for row in at[limit])) for limit in limits],
    ]
    lines += [
        [f"accepted on average: {name}", *(f"{by[name, limit]['coverage']:.0%}" for limit in limits)]
        for name in SHOWN_SETS
    ]
    return _table(head, lines)


def demo() -> str:
    """The built-in data's run, per question."""
    run = next(run for run in _read("demo")["runs"] if run["dataset"] == "reviews")
    questions: Mapping[str, Mapping[str, Any]] = run["questions"]

    def row(name: str, cell: Callable[[Mapping[str, Any]], str]) -> list[str]:
        return [name, *(cell(figures) for figures in questions.values()), cell(run)]

    return _table(
        ["built-in reviews", *questions, "overall"],
        [
            row("accepted unseen", lambda f: _percent(f["auto_accepted_share"])),
            row("certified: at most wrong", lambda f: _percent(f["certified_error_upper"])),
            row("true error of the accepted", lambda f: _percent(f["true_error_auto_accepted"])),
            row("true error of the final data set", lambda f: _percent(f["true_error_final"])),
            row("true error, model only", lambda f: _percent(f["true_error_model_only"])),
            row("true error, people only, as many labels", lambda f: _percent(f["true_error_people_only"])),
            row("answers by people", lambda f: f"{f['n_human_labels']:,}"),
        ],
    )


_SERVER = (
    ("import of 20,000 texts, CPU-s", "import_cpu_s", "{:.2f}"),
    ("next item, CPU-ms", "next_cpu_ms", "{:.2f}"),
    ("submit, CPU-ms", "submit_cpu_ms", "{:.2f}"),
    ("8 people at once, labels/s", "labels_per_s_8", "{:.0f}"),
    ("of which errors", "errors_8", "{:.0f}"),
    ("export of 20,000, CPU-s", "export_cpu_s", "{:.2f}"),
    ("cold start, CPU-s", "cold_start_cpu_s", "{:.2f}"),
    ("server memory, MB", "rss_mb", "{:.0f}"),
)
_ENGINE = (
    ("client CPU-ms per model call", "cpu_ms_per_call", "{:.2f}"),
    ("model calls/s at no latency", "calls_per_s", "{:,.0f}"),
)


def speed() -> str:
    """The server beside Label Studio, the engine beside the OpenAI client; each pair measured in one run."""
    server, engine = _read("server"), _read("prelabel")
    head = ["", "Labelwright", "goal", "peer in the same run"]
    goals = {**server["goals"], **engine["goals"]}
    rows = [
        [name, form.format(ours[key]), str(goals.get(key, "")), _beside(peer, key, form, who)]
        for ours, peer, who, figures in (
            (server["labelwright"], server.get("label_studio"), "Label Studio", _SERVER),
            (engine, engine.get("openai_client"), "OpenAI client", _ENGINE),
        )
        for name, key, form in figures
    ]
    share = engine["share_of_ideal_at_200_ms"]
    rows.append(["share of the ideal rate at 200 ms latency", f"{share:.2f}", goals["share_of_ideal_at_200_ms"], ""])
    rows.append(["committed calls repeated after kill -9", str(engine["committed_calls_repeated"]), "0", ""])
    return _table(head, rows)


def _beside(peer: Mapping[str, Any] | None, key: str, form: str, who: str) -> str:
    return "" if not peer or key not in peer else f"{form.format(peer[key])} ({who})"


FIGURES: Mapping[str, Callable[[], str]] = {"triage": triage, "demo": demo, "speed": speed}


def filled(text: str) -> str:
    """Give the README with every marked table made anew."""
    for name, make in FIGURES.items():
        mark = re.compile(rf"<!-- {name} -->.*?<!-- /{name} -->", re.DOTALL)
        if not mark.search(text):
            raise SystemExit(f"README.md has no marks for {name!r}: <!-- {name} --> … <!-- /{name} -->")
        made = f"<!-- {name} -->\n{make()}\n<!-- /{name} -->"
        text = mark.sub(lambda _, made=made: made, text)
    return text


def main() -> None:
    """Write the tables, or check them."""
    text = README.read_text(encoding="utf-8")
    made = filled(text)
    if "--check" in sys.argv:
        if made != text:
            raise SystemExit("README.md has stale figures; run: python tools/readme_figures.py")
        return
    README.write_text(made, encoding="utf-8")


def _read(name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *rows))


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}%".replace(".0%", "%")


if __name__ == "__main__":
    main()
