"""The whole product on every recorded set meant for the demonstration: what was certified, and what was true.

Each set is one run of `labelwright demo FOLDER --json --no-serve`: prelabelling through HTTP, simulated people,
certificate, audit, review, labels of record.  One seed each, so a figure is a draw; how often the promise holds is for
`triage.py` to say.

    python benchmarks/demo_all.py [--data FOLDER] [--seed 1] [--only NAME ...] [-- OPTIONS OF THE DEMO]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "demo.json"
BUILT_IN = ROOT / "src" / "labelwright" / "demo" / "data"


def main() -> int:
    """Run every set; print the table and write the results. The status is 1 when a run failed."""
    arguments = _arguments()
    runs: list[dict[str, Any]] = []
    failed = 0
    for folder in _folders(arguments.data, arguments.only):
        run = _run(folder, arguments.seed, arguments.options)
        failed += "error" in run
        runs.append(run)
        print(_line(run), flush=True)
    if not arguments.only:
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        RESULTS.write_text(json.dumps({"seed": arguments.seed, "runs": runs}, indent=1, ensure_ascii=False) + "\n")
    print(f"\n{len(runs)} sets, {failed} failed")
    _summary(runs)
    return int(failed > 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    shared = Path(os.environ.get("LABELWRIGHT_SHARED") or ROOT.parent / "shared")
    parser.add_argument("--data", type=Path, default=shared / "data" / "llm")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("options", nargs="*", help="further options of `labelwright demo`, after --")
    print(_HEAD)
    return parser.parse_args()


def _folders(data: Path, only: list[str]) -> list[Path]:
    found = [task.parent for task in sorted(data.glob("*/task.json")) if json.loads(task.read_text()).get("demo")]
    return [folder for folder in [BUILT_IN, *found] if not only or folder.name in only]


def _run(folder: Path, seed: int, options: list[str]) -> dict[str, Any]:
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as place:
        command = [
            sys.executable,
            "-m",
            "labelwright.cli",
            "demo",
            str(folder),
            "--json",
            "--no-serve",
            "--seed",
            str(seed),
        ]
        done = subprocess.run(
            [*command, "--workspace", f"{place}/w", *options], capture_output=True, text=True, check=False
        )
    if done.returncode != 0:
        return {"dataset": folder.name, "error": done.stderr.strip().splitlines()[-1:]}
    run: dict[str, Any] = json.loads(done.stdout)
    del run["workspace"], run["notes"]
    return run | {"wall_seconds": round(time.perf_counter() - started, 1)}


_HEAD = (
    f"{'set':<22} {'model':<34} {'items':>6} {'calls':>6} {'promise':>8} {'accepted':>9} {'true':>6} "
    f"{'final':>6} {'model':>6} {'people':>6} {'answers':>8} {'seconds':>8}"
)


def _line(run: dict[str, Any]) -> str:
    if "error" in run:
        return f"{run['dataset']:<22} FAILED: {run['error']}"
    upper = run["certified_error_upper"]
    return (
        f"{run['dataset']:<22} {run['model'][:34]:<34} {run['n_items']:>6} {run['n_llm_calls']:>6} "
        f"{'none' if upper is None else f'<= {upper:.0%}':>8} {run['auto_accepted_share']:>9.0%} "
        f"{_percent(run['true_error_auto_accepted']):>6} {_percent(run['true_error_final']):>6} "
        f"{_percent(run['true_error_model_only']):>6} {_percent(run['true_error_people_only']):>6} "
        f"{run['n_human_labels']:>8} {run['seconds']:>8.1f}"
    )


def _summary(runs: list[dict[str, Any]]) -> None:
    whole = [run for run in runs if "error" not in run]
    certified = [run for run in whole if run["certified_error_upper"] is not None]
    broken = [r["dataset"] for r in certified if r["true_error_auto_accepted"] > r["target_error"]]
    better = sum(run["true_error_final"] < run["true_error_people_only"] for run in whole)
    print(f"certified on {len(certified)} of {len(whole)}; the true error of the accepted part was above its target on")
    print(f"{len(broken)}{': ' + ', '.join(broken) if broken else ''}; the final data set beat people only on {better}")


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:.1%}"


if __name__ == "__main__":
    sys.exit(main())
