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


def speed() -> str:
    """The server beside Label Studio, measured in one run."""
    server = _read("server")
    ours, peer, goals = server["labelwright"], server.get("label_studio"), server["goals"]
    rows = [
        [name, form.format(ours[key]), str(goals.get(key, "")), _beside(peer, key, form, "Label Studio")]
        for name, key, form in _SERVER
    ]
    return _table(["", "Labelwright", "goal", "peer in the same run"], rows)


_ENGINE = (
    ("texts/s, no latency", "0", "items_per_s", "{:,.0f}"),
    ("client CPU-ms per call, no latency", "0", "cpu_ms_per_call", "{:.2f}"),
    ("texts/s, 200 ms latency", "200", "items_per_s", "{:,.0f}"),
    ("client CPU-ms per call, 200 ms latency", "200", "cpu_ms_per_call", "{:.2f}"),
    ("client memory, MB", "0", "rss_mb", "{:,.0f}"),
)
_ENGINE_OWN = (
    ("times the rate of the fastest of them", "times_the_fastest_peer", "{:.1f}"),
    ("client CPU-ms per call", "cpu_ms_per_call", "{:.2f}"),
    ("client memory at 100,000 rows, MB", "rss_mb_at_rows", "{:.0f}"),
    ("2% malformed answers: rows lost", "rows_lost_at_malformed", "{:.0f}"),
    ("2% malformed answers: more calls, each", "extra_calls_per_malformed", "{:.2f}"),
    ("rate limit that refuses 30% of a heedless client: attempts per item", "attempts_per_item_at_the_limit", "{:.2f}"),
    ("the same: retries before the time that was asked for", "early_retries", "{:.0f}"),
    ("kill -9 three times: committed calls repeated", "committed_calls_repeated", "{:.0f}"),
    ("kill -9 of a batch run: answers that came twice", "batch_answers_repeated", "{:.0f}"),
)


def engine() -> str:
    """The labelling engine beside its peers, then its own goals; all measured in one run."""
    if not (RESULTS / "engine.json").is_file():
        return "Not measured yet: `make bench-engine`."
    report = _read("engine")
    figures, lost, own = report["by_latency_ms"], report["malformed_2_percent"], report["labelwright"]
    peers = list(lost)
    names = ["Labelwright", *(" ".join([peer, figures["0"][peer].get("version", "")]).strip() for peer in peers)]

    def cell(of: Mapping[str, Any], key: str, form: str) -> str:
        return form.format(of[key]) if key in of else "–"

    rows = [
        [name, *(cell(figures[latency][who], key, form) for who in ("labelwright", *peers))]
        for name, latency, key, form in _ENGINE
    ]
    rows.append(
        [
            f"rows lost at 2% malformed answers (of {report['malformed_items']:,})",
            f"{own['rows_lost_at_malformed']:.0f} (of {report['items']:,})",
        ]
        + [cell(lost[peer], "rows_lost", "{:.0f}") for peer in peers]
    )
    missing = [
        f"{peer}: {why}"
        for peer in peers
        for why in sorted(
            {f.get("skipped") or f.get("failed") for f in (figures["0"][peer], figures["200"][peer], lost[peer])}
            - {None}
        )
    ]
    goals = [[name, form.format(own[key]), report["goals"][key]] for name, key, form in _ENGINE_OWN if key in own]
    parts = [_table([f"{report['items']:,} short texts, {report['concurrency']} at once", *names], rows)]
    parts += [f"–: {'; '.join(missing)}"] if missing else []
    return "\n\n".join([*parts, _table(["", "measured", "goal"], goals)])


def _beside(peer: Mapping[str, Any] | None, key: str, form: str, who: str) -> str:
    return "" if not peer or key not in peer else f"{form.format(peer[key])} ({who})"


FIGURES: Mapping[str, Callable[[], str]] = {"triage": triage, "demo": demo, "speed": speed, "engine": engine}


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
