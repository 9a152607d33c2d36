"""The entry point: finds the command by name in a table, imports that one module, tells errors, sets the exit status.

Exit status: 0 done; 1 an error, or the command's answer is no; 2 used wrongly; 3 not enough: the budget is spent, the
target is not certified; 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import gc
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

# name -> (module of cli.commands, what it does, in one line)
COMMANDS: dict[str, tuple[str, str]] = {
    "certify": ("certify", "Say how much of any model's output can be accepted at a stated error"),
    "estimate": ("estimate", "Say how often a class really occurs, from few labels and any model's output"),
    "demo": ("demo", "Run the whole loop on recorded answers, and leave the page open"),
    "init": ("init", "Make a workspace: a database, a project file, a guideline"),
    "apply": ("apply", "Show what changed in project.yaml and put it in force"),
    "config": ("config", "Show versions of the configuration; compare two; write what is in force"),
    "labels": ("labels", "Rename, merge or split labels and keep what was labelled; take that back"),
    "import": ("import_", "Bring in items from JSONL or CSV"),
    "answers": ("answers", "Bring in what a detector found elsewhere, as a model's answers"),
    "prelabel": ("prelabel", "Have the models label every item that is due"),
    "prompt": ("prompt", "Show what a model is asked about an item; compare two prompts"),
    "judge": ("judge", "Have a model review labels by the guideline"),
    "evaluate": ("evaluate", "Compare models, prompts, flows and examples by gold"),
    "combine": ("combine", "Learn from people's labels how to weigh models and signals"),
    "calibrate": ("calibrate", "Draw the blind random sample; once labelled, certify"),
    "route": ("route", "Accept what the certificate covers; queue the rest for people"),
    "invite": ("invite", "Make a one-time link for somebody who labels"),
    "serve": ("serve", "Serve the page where people label"),
    "aggregate": ("aggregate", "Make the label of record from all votes"),
    "report": ("report", "Say how good the labels are; draw it"),
    "audit": ("audit", "Say what the random audit says of the accepted labels; enlarge it"),
    "recall": ("recall", "Take accepted labels back to people, or give them back"),
    "card": ("card", "Say what the labels are worth; write the data-set card, or check one"),
    "export": ("export", "Write the labelled data with provenance and a manifest"),
    "run": ("run", "Do whatever is due"),
    "jobs": ("jobs", "Show runs; start, pause, resume or cancel one"),
    "worker": ("worker", "Work on the runs that people ask for"),
    "alt-test": ("alt_test", "Say whether the model may replace the annotators here"),
    "assist": ("assist", "Say what showing suggestions does to people"),
    "status": ("status", "Show where every item stands and what is due next"),
    "outbound": ("outbound", "Show what left this machine: hosts, sizes, hashes"),
    "plan": ("plan", "Say how a budget is best spent, or what a target costs"),
    "simulate": ("simulate", "Rehearse a whole project on made-up items before a cent is spent"),
    "costs": ("costs", "Say what was spent: calls, machines, people; per label and per right label"),
    "drift": ("drift", "Say whether new items are like the old ones, and whether the certificate speaks of them"),
    "duplicates": ("duplicates", "Find near copies, where they leak, and where their labels differ"),
    "recheck": ("recheck", "Say which old labels a changed guideline touches; send them back"),
    "slices": ("slices", "Find where the model is wrong more often: slices, confusions, a missing label"),
    "memorisation": ("memorisation", "Probe whether a model knows items or labels by heart"),
    "verify": ("verify", "Check the ledger's hash chain"),
    "replay": ("replay", "Serve recorded answers as an OpenAI-compatible endpoint"),
}

SPENT = 3
STOPPED = 130
_NEW_OBJECTS = 20_000
"""New objects between two looks for cycles among them (Python: 700): a sixth of an export's CPU was such looks."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])
    sys.exit(run(words))


def run(words: Sequence[str]) -> int:
    """Run one command line; give its exit status."""
    if not words or words[0] in {"-h", "--help", "help"}:
        _show_commands()
        return 0
    if words[0] in {"-V", "--version"}:
        from labelwright import __version__

        sys.stdout.write(f"labelwright {__version__}\n")
        return 0
    name, rest = words[0], words[1:]
    if name not in COMMANDS:
        return _unknown(name)
    return _guarded(words, lambda: _invoke(name, rest))


def command_of(name: str) -> Callable[..., None]:
    """Give a command's function."""
    return import_module(f"labelwright.cli.commands.{COMMANDS[name][0]}").command


def _invoke(name: str, rest: Sequence[str]) -> None:
    import typer

    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, context_settings={"max_content_width": 110})
    command = command_of(name)
    app.command(name=name, help=_flowing(command.__doc__ or ""))(command)
    typer.main.get_command(app).main(args=list(rest), prog_name=f"labelwright {name}")


def _flowing(text: str) -> str:
    """Join the lines of each paragraph, so that the help is as wide as the terminal and not as the source."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _guarded(words: Sequence[str], invoke: Callable[[], None]) -> int:
    from labelwright.errors import BudgetSpent, LabelwrightError

    try:
        invoke()
    except LabelwrightError as error:
        return _fail(str(error), SPENT if isinstance(error, BudgetSpent) else 1)
    except BrokenPipeError:
        # The reader went away (`| head`): nothing more to say, and the interpreter must not try to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return _stopped(words)
    except OSError as error:
        # Files and ports that the system denies; what we can say better is a LabelwrightError before it comes here.
        return _fail(f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error))
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
        return _stopped(words) if status == STOPPED else status
    return 0


def _fail(message: str, status: int = 1) -> int:
    sys.stderr.write(f"error: {message}\n")
    return status


def _stopped(words: Sequence[str]) -> int:
    again = shlex.join(["labelwright", *words])
    sys.stderr.write(f"\nstopped. What was done is kept; to go on, run it again: {again}\n")
    return STOPPED


def _unknown(name: str) -> int:
    from labelwright.errors import did_you_mean

    if name.startswith("-"):
        problem = f"option {name!r} must come after a command, such as: labelwright status {name}"
    else:
        problem = f"there is no command {name!r}{did_you_mean(name, COMMANDS)}"
    sys.stderr.write(f"error: {problem}\nAll commands: labelwright --help\n")
    return 2


def _show_commands() -> None:
    width = max(len(name) for name in COMMANDS)
    lines = [f"  {name:<{width}}  {summary}" for name, (_, summary) in COMMANDS.items()]
    sys.stdout.write(
        "Usage: labelwright COMMAND [OPTIONS]\n\n"
        "Label data with language models and people together, and prove how good the labels are.\n\n"
        "Commands:\n" + "\n".join(lines) + "\n\n"
        "Options of every command: --json (one JSON object on stdout), --help.\n"
        "In two minutes: labelwright certify predictions.csv   The whole loop: labelwright demo\n"
    )
