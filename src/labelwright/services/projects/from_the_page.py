"""What a manager may change from the page, and what only whoever runs the machine may, in project.yaml.

Where keys are sent, what leaves and what may be spent are decisions of the machine's owner: a manager who could change
an endpoint could have the owner's key sent anywhere.
"""

from __future__ import annotations

from labelwright.domain.project import ModelSource, ProjectConfig
from labelwright.errors import InvalidValue

_AT_THE_MACHINE = "; that is for whoever runs the machine: edit project.yaml there, then run: labelwright apply"


def check_from_page(current: ProjectConfig, candidate: ProjectConfig) -> None:
    """Refuse a change of models' addresses and keys, of privacy, and of the budget.  Raises: InvalidValue."""
    known = {_address(source) for source in current.models}
    for place, source in enumerate(candidate.models):
        if _address(source) not in known:
            problem = "the page does not change which model is called where, nor with which key"
            raise InvalidValue(f"models[{place}].base_url", problem, _AT_THE_MACHINE)
    if candidate.privacy != current.privacy:
        raise InvalidValue("privacy", "the page does not change what may leave this machine", _AT_THE_MACHINE)
    if candidate.spending != current.spending:
        raise InvalidValue("budget", "the page does not change what may be spent", _AT_THE_MACHINE)
    shown = set(candidate.content_fields) - set(current.content_fields)
    if shown & set(candidate.image_fields):
        raise InvalidValue("image_fields", "the page does not add fields that are read as files", _AT_THE_MACHINE)


def _address(source: ModelSource) -> tuple[str, str, str, str | None]:
    return source.model, source.provider, source.base_url, source.api_key_env
