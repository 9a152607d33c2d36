"""What is known of a question's answers before people see them: every model's label and every signal, as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json, canonical_json
from labelwright.domain.project import Project, Question
from labelwright.methods.acquisition.same_text import same_text
from labelwright.methods.confidence import share_of_votes
from labelwright.methods.confidence.meta_calibrator import Signals
from labelwright.methods.confidence.neighbours import neighbour_share
from labelwright.ports.embedder import Embedder
from labelwright.ports.storage import Views
from labelwright.prompting.suspicion import SIGNAL
from labelwright.services.models.model_answers import model_answers
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.models.show_item import item_text
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind

_READ = 2_000
_NONE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """One question over the whole pool: N items by ascending key, M models in the project's order.

    value: per model, the N valid labels, None where there is none.  code: (N, M), equal labels have equal numbers, −1 =
    none.  option: (N,) the first model's option codes, where a label is one of the schema's options; else None.
    signals: name -> (N, M), nan = unknown.  suspicious: (N,) the item speaks to the model: it goes to a person.
    texts: as models read them.  vector, text: what items are compared by.  log_length: (N,) of the text.
    prediction: (N,) the first model's.
    """

    question: Question
    task: Task[object]
    item: NDArray[np.int64]
    models: tuple[str, ...]
    value: tuple[list[Json], ...]
    code: NDArray[np.int64]
    option: NDArray[np.int64] | None
    n_options: int
    prediction: NDArray[np.int64]
    signals: Mapping[str, NDArray[np.float64]]
    suspicious: NDArray[np.bool_]
    texts: tuple[str, ...]
    vector: NDArray[np.float32]
    text: NDArray[np.int64]
    log_length: NDArray[np.float64]
    codes: Mapping[bytes, int]

    def code_of(self, value: Json) -> int:
        """Give a label's number; −1 for one that no model gave."""
        return self.codes.get(canonical_json(value), _NONE)

    def of_first(self, labelled: NDArray[np.int64], people: Sequence[Json]) -> Signals:
        """Give what is known of the first model's labels, for a fit to people's.

        labelled: positions of items whose labels people gave; people: those labels. Neighbours are looked for among
        them alone, an item never among its own.
        """
        confidences = {name: columns[:, 0] for name, columns in self.signals.items()}
        if len(self.models) > 1:
            confidences["agreement"] = share_of_votes(self.code[:, 0], self.code[:, 1:])
        confidences["neighbours"] = neighbour_share(
            self.code[:, 0],
            self.vector,
            np.array([self.code_of(value) for value in people], dtype=np.int64),
            self.vector[labelled],
            query_item=self.item,
            reviewed_item=self.item[labelled],
            query_text=self.text,
            reviewed_text=self.text[labelled],
        )
        numbers = {"log_length": self.log_length}
        if self.option is not None:
            return Signals(confidences, numbers, self.option, self.n_options)
        return Signals(confidences, numbers, np.where(self.code[:, 0] == _NONE, _NONE, 0), 1)


def evidence(views: Views, project: Project, question: Question, embedder: Embedder) -> Evidence:
    """Read what every model that is asked about every item said under the present prompt."""
    config = project.config
    prompt_hash = project_prompt(config).hash
    task = bind(question)
    keys = views.item_keys(project.id)
    models = tuple(source.model for source in config.asked_models)
    codes: dict[bytes, int] = {}
    values: list[list[Json]] = []
    code = np.full((len(keys), len(models)), _NONE, dtype=np.int64)
    prediction = np.zeros(len(keys), dtype=np.int64)
    signals: dict[str, NDArray[np.float64]] = {}
    for column, model in enumerate(models):
        found = model_answers(views, project.id, question.name, model=model, prompt_hash=prompt_hash, keys=keys)
        for at in np.flatnonzero(found.is_valid):
            code[at, column] = codes.setdefault(canonical_json(found.value[at]), len(codes))
        if column == 0:
            prediction = found.prediction
        values.append(found.value)
        kept = views.signals(project.id, question.name, model)
        rows = np.isin(kept.item, keys[found.is_valid])
        for name, column_of in kept.signals.items():
            table = signals.setdefault(name, np.full((len(keys), len(models)), np.nan))
            table[np.searchsorted(keys, kept.item[rows]), column] = column_of[rows]
    noticed = signals.pop(SIGNAL, None)
    texts, vector, text, log_length = _texts(views, project, keys, embedder)
    option, n_options = _options(task, values[0]) if values else (None, 0)
    return Evidence(
        question=question,
        task=task,
        item=keys,
        models=models,
        value=tuple(values),
        code=code,
        option=option,
        n_options=n_options,
        prediction=prediction,
        signals=signals,
        suspicious=np.zeros(len(keys), dtype=np.bool_)
        if noticed is None
        else np.asarray(np.isfinite(noticed).any(axis=1), dtype=np.bool_),
        texts=texts,
        vector=vector,
        text=text,
        log_length=log_length,
        codes=codes,
    )


def _options(task: Task[object], values: Sequence[Json]) -> tuple[NDArray[np.int64] | None, int]:
    """Give labels as option codes of the schema, where each is one option of one unit; else None."""
    option = np.full(len(values), _NONE, dtype=np.int64)
    n_options = 0
    for at, value in enumerate(values):
        if value is None:
            continue
        ballots = task.decompose([task.parse(value)])
        if ballots.option_space != "shared" or ballots.n_units != 1:
            return None, 0
        option[at], n_options = ballots.option[0], ballots.n_options
    return option, n_options


def _texts(
    views: Views, project: Project, keys: NDArray[np.int64], embedder: Embedder
) -> tuple[tuple[str, ...], NDArray[np.float32], NDArray[np.int64], NDArray[np.float64]]:
    vectors: list[NDArray[np.float32]] = []
    texts: list[str] = []
    for first in range(0, len(keys), _READ):
        items = views.items_by_key(project.id, [int(key) for key in keys[first : first + _READ]])
        read = [item_text(project.config, item.content) for item in items]
        vectors.append(embedder.embed(read))
        texts += read
    together = np.concatenate(vectors) if vectors else np.zeros((0, 1), dtype=np.float32)
    lengths = np.log1p(np.array([len(text) for text in texts], dtype=np.float64))
    return tuple(texts), cast("NDArray[np.float32]", together), same_text(texts), lengths
