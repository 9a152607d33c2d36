"""labelwright demo."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from labelwright.cli.options import JsonOption
from labelwright.cli.output import emit_json, note, progress, say


def command(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FOLDER]",
            help="Recorded answers: task.json, items.jsonl, gold.jsonl, llm.jsonl, perhaps humans.jsonl. "
            "Left out: the reviews that come with the software.",
            show_default=False,
        ),
    ] = None,
    *,
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="NAME", help="The recorded model that labels; default: the most accurate one."),
    ] = None,
    target_error: Annotated[
        float, typer.Option("--target-error", help="Share of wrong labels allowed among the accepted.")
    ] = 0.1,
    confidence_level: Annotated[
        float, typer.Option("--confidence-level", help="How sure the promise is to be; several questions share it.")
    ] = 0.95,
    budget_human: Annotated[
        int | None,
        typer.Option(
            "--budget-human",
            metavar="N",
            help="Answers people may give (one person, one question, one item). "
            "Default: calibration, audit and a third of what is left.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="All draws come from it: same seed, same figures.")] = 1,
    adopt: Annotated[
        float, typer.Option("--adopt", help="Chance that a simulated person takes over a wrong suggestion they see.")
    ] = 0.1,
    reviewer_error: Annotated[
        float,
        typer.Option("--reviewer-error", help="Share of wrong answers where simulated people work from the gold."),
    ] = 0.02,
    workspace: Annotated[
        Path | None,
        typer.Option(
            "--workspace",
            "-w",
            metavar="FOLDER",
            help="Where to work; default ./labelwright-demo. Replaced only if a demonstration made it.",
            show_default=False,
        ),
    ] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Where the page is served; 0 = any free.")] = 0,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="End after the result instead of serving.")] = False,
    json: JsonOption = False,
) -> None:
    """Run the whole loop on recorded answers, with simulated people and known truth, and leave the page open.

    Import, prelabel through a local replay of the recorded models, blind calibration by simulated people over HTTP,
    certificate, routing, audit, review, the labels of record, report and export; then what the truth says about it.
    Nothing leaves this machine and no key is needed.
    """
    # Before numpy loads: on small matrices its threads only get in each other's way (eight times the CPU, measured).
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from rich.console import Console

    from labelwright.demo.folder import DEFAULT, take_folder
    from labelwright.demo.prepare import BUILT_IN, Settings, check, read_folder
    from labelwright.demo.show import result_table
    from labelwright.demo.story import Teller, tell_story

    settings = Settings(
        model=model,
        target_error=target_error,
        confidence_level=confidence_level,
        budget_human=budget_human,
        seed=seed,
        adopt=adopt,
        reviewer_error=reviewer_error,
    )
    path = (folder or BUILT_IN).resolve()
    recorded = read_folder(path)
    check(recorded, settings)
    place = take_folder((workspace or Path(DEFAULT)).resolve())
    teller = Teller(note, lambda label: progress(label, wanted=True))
    with tell_story(recorded, settings, workspace=place, port=port, teller=teller) as told:
        if json:
            emit_json(told.result.to_json())
            return
        Console().print(result_table(told.result))
        for sentence in told.result.sentences:
            say(f"* {sentence}")
        say()
        for name, file in told.files.items():
            say(f"{name:<8} {file}")
        if no_serve:
            return
        say()
        say("The rest of the queue is open. Label the next items yourself (this link works once; Ctrl-C stops it):")
        say(f"  {told.link}")
        say(f"Then make the labels of record anew: labelwright aggregate --workspace {place}")
        sys.stdout.flush()
        if (status := told.server.wait()) != 0:
            note(f"the page's server ended by itself (status {status}); serve it again: labelwright serve -w {place}")
