"""The texts that models are asked with, under a version each, and the schemas of answers to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template


def rendered(name: str, values: Mapping[str, object]) -> str:
    """Render a template of the package. Values stay text: nothing in them is taken for a template."""
    return _template(name).render(values).strip() + "\n"


@cache
def _template(name: str) -> Template:
    from jinja2 import StrictUndefined  # noqa: PLC0415 - the server imports this module and renders nothing
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    return environment.from_string(template_source(name))


@cache
def template_source(name: str) -> str:
    """Read a template of the package, such as `label.v1`."""
    return (files("labelwright.prompting.templates") / f"{name}.txt").read_text(encoding="utf-8")


def in_backticks(keys: Sequence[str]) -> str:
    """List keys as a prompt names them."""
    return ", ".join(f"`{key}`" for key in keys)
