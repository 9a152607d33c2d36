"""Items worded like one: nearness of words and runs of characters, by the embedder that comes with the product."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.errors import NotFound, NotReady
from labelwright.ports.embedder import Embedder
from labelwright.ports.storage import Views
from labelwright.services.models.show_item import item_text
from labelwright.services.projects.excerpts import excerpt
from labelwright.services.projects.project_of import project_of

MOST_COMPARED = 50_000
_CHUNK = 2_000


def similar_items(
    views: Views, project_id: ProjectId, id: str, *, embedder: Embedder, limit: int = 20
) -> dict[str, Json]:
    """Give the nearest items, nearest first, with their cosine similarity.

    n_compared: how many were looked at; of a larger project the first `MOST_COMPARED`.
    Raises: NotFound; NotReady, when the item has no text to compare.
    """
    config = project_of(views, project_id).config
    item = views.item_by_id(project_id, id)
    if item is None:
        raise NotFound(f"there is no item {id[:100]!r} here")
    text = item_text(config, item.content)
    if not text.strip():
        raise NotReady("this item has no text, so nothing can be found that is worded like it")
    wanted = embedder.embed([text])[0]
    kept: list[tuple[float, str, str]] = []
    n_compared, after = 0, 0
    while n_compared < MOST_COMPARED and (items := views.items(project_id, after=after, limit=_CHUNK)):
        after = items[-1].key
        n_compared += len(items)
        texts = [item_text(config, one.content) for one in items]
        near: NDArray[np.float32] = embedder.embed(texts) @ wanted
        best = np.argsort(-near, kind="stable")[: limit + 1]
        places = cast("list[int]", best.tolist())
        kept += [(float(near[at]), str(items[at].id), texts[at]) for at in places if items[at].key != item.key]
        kept = sorted(kept, key=lambda one: -one[0])[:limit]
    found = [
        {"id": name, "excerpt": excerpt(said), "similarity": round(near, 4)} for near, name, said in kept if near > 0
    ]
    return {"items": cast("list[Json]", found), "n_compared": n_compared}
