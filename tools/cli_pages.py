"""Write docs/reference/cli: one page per command, from its signature and docstring; what stands below the line is kept.

Run it after changing a command: .venv/bin/python tools/cli_pages.py
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

import typer

from labelwright.cli.main import COMMANDS, command_of

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference" / "cli"
LINE = "<!-- Above: made by tools/cli_pages.py. Below: written by hand. -->"


def page(name: str, by_hand: str) -> str:
    """Give a command's page."""
    function = command_of(name)
    app = typer.Typer(add_completion=False)
    app.command(name=name)(function)
    parameters: list[Any] = [p for p in typer.main.get_command(app).params if p.name != "help"]
    arguments = [p for p in parameters if p.param_type_name == "argument"]
    options = [p for p in parameters if p.param_type_name == "option"]
    usage = " ".join(["labelwright", name, *(_placeholder(p) for p in arguments), "[OPTIONS]"])
    parts = [f"# labelwright {name}\n", f"{COMMANDS[name][1]}.\n", f"```\n{usage}\n```\n"]
    about = inspect.getdoc(function)
    if about:
        parts.append(f"{about}\n")
    if arguments:
        parts.append("| argument | what it is |\n|---|---|\n" + "".join(_row(f"`{_bare(p)}`", p) for p in arguments))
    parts.append("| option | what it does |\n|---|---|\n" + "".join(_row(_spelled(p), p) for p in options))
    return "\n".join(parts) + f"\n{LINE}\n{by_hand}"


def kept(path: Path) -> str:
    """Give what is written by hand on a page."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return text.split(f"{LINE}\n", maxsplit=1)[1] if LINE in text else ""


def _bare(parameter: Any) -> str:  # noqa: ANN401 - Typer's own type is private
    return str(parameter.metavar or parameter.name.upper()).strip("[]")


def _placeholder(parameter: Any) -> str:  # noqa: ANN401
    return _bare(parameter) if parameter.required else f"[{_bare(parameter)}]"


def _spelled(parameter: Any) -> str:  # noqa: ANN401
    names = ", ".join(f"`{option}`" for option in [*parameter.opts, *parameter.secondary_opts])
    takes_value = not (parameter.is_flag or getattr(parameter, "count", False))
    value = f" `{parameter.metavar}`" if takes_value and parameter.metavar else ""
    return names + value


def _row(name: str, parameter: Any) -> str:  # noqa: ANN401
    text = " ".join((parameter.help or "").split())
    default = parameter.default
    if parameter.envvar:
        text += f" (environment: `{parameter.envvar}`)"
    if isinstance(parameter.show_default, str):
        text += f" Default: {parameter.show_default}."
    elif default not in (None, False, True, "", ...) and not callable(default) and not parameter.required:
        text += f" Default: `{default}`."
    return f"| {name} | {text.replace('|', chr(92) + '|')} |\n"


def main() -> None:
    """Write every page that is not as it should be."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in COMMANDS:
        path = FOLDER / f"{name}.md"
        fresh = page(name, kept(path))
        if not path.exists() or path.read_text(encoding="utf-8") != fresh:
            path.write_text(fresh, encoding="utf-8")
            sys.stdout.write(f"wrote {path.name}\n")


if __name__ == "__main__":
    main()
