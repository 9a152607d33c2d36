"""Whether the models have been through the items a certificate is to speak of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.project import Project
from labelwright.errors import NotReady
from labelwright.ports.storage import Views
from labelwright.services.models.labeller import CASCADE, labeller

_MOST_MISSING = 0.1
"""A larger share of items without an answer means that prelabel has not been through, not that items were refused."""


def check_answers_are_in(views: Views, project: Project, eligible: NDArray[np.int64]) -> None:
    """Refuse to freeze a pool whose answers are still to come: what has none then can never be accepted.

    A few may be missing for good, since an endpoint may refuse an item every time.
    """
    from labelwright.services.models.project_prompt import project_prompt  # noqa: PLC0415 - renders only when asked

    config = project.config
    prompt_hash, question = project_prompt(config).hash, config.schema.questions[0].name

    def waiting(model: str, under: str = prompt_hash) -> int:
        answered = views.predicted_items(project.id, model, under, question)
        return int(np.count_nonzero(~np.isin(eligible, answered)))

    who = labeller(views, project.id, config)
    first, *others = [source.model for source in config.asked_models]
    is_put_together = who.name not in {first, CASCADE}
    needed = [(waiting(first), first)] if is_put_together else []
    needed.append((waiting(who.name, who.prompt_hash), who.name))
    if config.confidence == "agreement" and others:
        # One voter may have failed everywhere; without any, no item has a score.
        needed.append(min((waiting(model), model) for model in others))
    for n, model in needed:
        if n > _MOST_MISSING * len(eligible):
            command = "combine" if is_put_together and model == who.name else "prelabel"
            raise NotReady(
                f"{n:,} of {len(eligible):,} items have no answer of {model!r} yet; a certificate drawn now could "
                f"never accept them; run first: labelwright {command}"
            )
