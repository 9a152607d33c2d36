"""Where a model is wrong, from a file alone: predictions beside the truth, with the chance each row had to be drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.errors import NotReady
from labelwright.methods.slices import FALSE_DISCOVERY_RATE, find_slices
from labelwright.ports.embedder import Embedder
from labelwright.services.soundness.slice_evidence import FEWEST
from labelwright.services.soundness.slice_fields import LABEL, Divider, Known
from labelwright.services.soundness.slices import finding_row, section

_MOST_LABELS = 50


def slices_of_rows(
    metadata: Sequence[Mapping[str, Json]],
    *,
    ids: Sequence[str],
    text: Sequence[str],
    said: Sequence[str | None],
    truth: Sequence[str | None],
    embedder: Embedder,
    confidence: NDArray[np.float64] | None = None,
    inclusion: NDArray[np.float64] | None = None,
    by: Sequence[str] = (),
    q: float = FALSE_DISCOVERY_RATE,
    seed: int = 1,
) -> dict[str, Json]:
    """Find slices among rows whose truth is known. Rows without a label or without truth are left out.

    metadata: of each row, what else there is.  inclusion: in (0, 1]; None = all rows had the same chance.
    Raises: NotReady, when fewer than 60 rows have both; InvalidValue, when a field is not there.
    """
    known = [place for place, pair in enumerate(zip(said, truth, strict=True)) if pair[0] and pair[1]]
    if len(known) < FEWEST:
        raise NotReady(
            f"{len(known)} rows have both a label and the truth; {FEWEST} are needed at the least, and 500 and "
            "more find slices of a few percent"
        )
    chosen = Known(
        metadata=[metadata[place] for place in known],
        text=[text[place] for place in known],
        said=[said[place] for place in known],
        confidence=np.full(len(known), np.nan) if confidence is None else confidence[known],
    )
    right = [truth[place] for place in known]
    wrong = np.array([a != b for a, b in zip(chosen.said, right, strict=True)], dtype=np.bool_)
    divider = Divider(chosen, embedder, n_audited=len(known), seed=[seed, 2], by=by)
    fields = divider.fields(chosen)
    few = len({*chosen.said, *right}) <= _MOST_LABELS
    search = find_slices(
        fields,
        wrong,
        rng=np.random.default_rng([seed, 1]),
        inclusion=None if inclusion is None else inclusion[known],
        said=chosen.said if few else None,
        truth=right if few else None,
        said_field=LABEL,
        q=q,
    )
    rows: list[dict[str, Json]] = []
    for one in search.findings:
        mistakes = one.member & wrong
        examples = [ids[known[place]] for place in np.flatnonzero(mistakes).tolist()[:3]]
        conditions = [(fields[place].name, fields[place].values[code]) for place, code in one.conditions]
        rows.append(finding_row(one, conditions, examples, {}))
    return section(search, rows, q=q, at=None)
