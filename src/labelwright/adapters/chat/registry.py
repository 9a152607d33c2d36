"""Which providers there are, and whether a project's models can do what it asks of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from labelwright.adapters import chat
from labelwright.adapters.chat.provider import Provider
from labelwright.domain.project import ProjectConfig
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.settings.secrets import shown


@cache
def providers() -> Mapping[str, Provider]:
    """Give every provider by its name. A module of this package with a `PROVIDER` is one."""
    found: dict[str, Provider] = {}
    for module in iter_modules(chat.__path__):
        stated = getattr(import_module(f"{chat.__name__}.{module.name}"), "PROVIDER", None)
        if isinstance(stated, Provider):
            found[stated.name] = stated
    return found


def provider_of(name: str) -> Provider:
    """Find a provider by its name. Raises InvalidValue with the nearest choice."""
    found = providers().get(name)
    if found is None:
        raise InvalidValue("provider", f"there is no provider {shown(name)}", did_you_mean(name, providers()))
    return found


def check_models(config: ProjectConfig) -> None:
    """Check that each model's provider can put the questions, and the labelling one's can say how sure it is.

    Raises: InvalidValue, with the path of the wrong value within project.yaml.
    """
    for place, source in enumerate(config.models):
        try:
            provider = provider_of(source.provider)
            provider.check(source, config.schema.questions)
        except InvalidValue as problem:
            raise InvalidValue(f"models[{place}].{problem.path}", problem.problem, problem.hint) from None
        if place == 0 and config.confidence not in provider.confidences:
            raise InvalidValue(
                "confidence",
                f"provider {provider.name!r} of model {source.model!r} cannot give {config.confidence!r}",
                "; it can give " + ", ".join(repr(name) for name in sorted(provider.confidences)),
            )
