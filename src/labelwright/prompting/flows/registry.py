"""Which flows there are."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from labelwright.domain.canonical import Json
from labelwright.domain.project import FlowChoice, ProjectConfig
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.prompting import flows as package
from labelwright.prompting.flows.flow import FlowKind


@cache
def flows() -> Mapping[str, FlowKind]:
    """Give every flow by its name. A module of this package with a `FLOW` is one."""
    modules = [import_module(f"{package.__name__}.{module.name}") for module in iter_modules(package.__path__)]
    kinds: list[FlowKind] = [module.FLOW for module in modules if hasattr(module, "FLOW")]
    return {kind.name: kind for kind in sorted(kinds, key=lambda kind: kind.name)}


def flow_of(name: str) -> FlowKind:
    """Find a flow by its name. Raises InvalidValue with the nearest choice."""
    known = flows()
    if name not in known:
        raise InvalidValue("flow", f"there is no flow {name!r}", did_you_mean(name, known))
    return known[name]


def check_flow(config: ProjectConfig | FlowChoice) -> None:
    """Check a configuration's flow and its settings.

    Raises: InvalidValue, at `flow` or `flow.SETTING`; also at `confidence` and `signals`, when one is asked for that
    only another flow gives, or decisions are to route and the flow asks for more than labels; or when the flow explains
    examples and none are shown.
    """
    choice = config if isinstance(config, FlowChoice) else config.flow
    kind = flow_of(choice.name)
    _check_names(kind, choice.settings)
    settings = kind.read(choice.settings)
    if isinstance(config, FlowChoice):
        return
    if kind.most_per_example(settings) and config.examples.choose == "none":
        raise InvalidValue(
            "flow",
            f"{kind.name!r} has the examples explained, and the project shows none",
            "; set examples.choose to nearest, balanced or fixed, or write flow: reason",
        )
    if config.confidence == "decisions" and not kind.asks_labels_only:
        plain = [name for name, other in flows().items() if other.asks_labels_only]
        raise InvalidValue(
            "flow",
            f"{kind.name!r} asks for more than labels, and decisions give nothing else",
            f"; write flow: {' or '.join(reversed(plain))}",
        )
    for path, sources in (("confidence", (config.confidence,)), ("signals", config.signals)):
        for source in sources:
            givers = [name for name, other in flows().items() if source in other.gives]
            if givers and kind.name not in givers:
                raise InvalidValue(
                    path,
                    f"{source!r} comes from the flow {' or '.join(givers)}, not from {kind.name!r}",
                    f"; write flow: {givers[0]}",
                )


def _check_names(kind: FlowKind, settings: Mapping[str, Json]) -> None:
    """Say which flow has a setting that this one has not: most often the flow's name was left out."""
    own = kind.read({})
    for name in settings:
        others = [other.name for other in flows().values() if name in other.read({})]
        if name not in own and others:
            problem = f"the flow {kind.name!r} has no setting {name!r}"
            hint = (
                "leave it out"
                if len(others) > 2
                else f"to choose the flow that has it, add name: {' or '.join(others)}"
            )
            raise InvalidValue(f"flow.{name}", problem, f"; {hint}")
