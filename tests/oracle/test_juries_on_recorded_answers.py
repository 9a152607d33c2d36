"""F2 on real recorded answers: weighed juries keep the best model's accuracy, counted votes do not."""

from pathlib import Path

import numpy as np
import pytest

from labelwright.adapters.formats.recorded_folder import read_recorded_folder
from labelwright.methods.aggregation import dawid_skene, votes
from labelwright.methods.calibration import expected_calibration_error
from labelwright.methods.confidence import PanelSignals, fit_weighed_jury

N_LABELS, N_DRAWS = 200, 5


@pytest.mark.parametrize("name", ["alt_news_framing", "alt_cebab_aspects"])
def test_F2_a_jury_of_six_models_at_200_labels(shared_data: Path, name: str) -> None:
    folder = read_recorded_folder(shared_data / "llm" / name)
    question = folder.questions[0]
    code = {label: number for number, label in enumerate(question.labels)}
    ids = list(folder.gold)
    gold = np.array([code[str(folder.gold[i][question.name])] for i in ids])
    said = np.array(
        [
            [code.get(str(rows[i].labels.get(question.name)), -1) if i in rows else -1 for i in ids]
            for rows in folder.answers.values()
        ]
    ).T
    item, voter = np.nonzero(said >= 0)
    independent = dawid_skene(votes(item, voter, said[item, voter], n_units=len(ids), n_options=len(code))).posterior
    best = (said == gold[:, None]).mean(axis=0).max()
    accuracy, error, skene_error = [], [], []
    for seed in range(N_DRAWS):
        rng = np.random.default_rng(seed)
        drawn = rng.choice(len(ids), N_LABELS, replace=False)
        out = np.setdiff1d(np.arange(len(ids)), drawn)
        signals = PanelSignals(said, len(code))
        posterior = fit_weighed_jury(signals, drawn, gold[drawn], rng=rng).jury.posterior(signals)[out]
        right = posterior.argmax(axis=1) == gold[out]
        accuracy.append(right.mean())
        error.append(expected_calibration_error(posterior.max(axis=1), right))
        skene = independent[out]
        skene_error.append(expected_calibration_error(skene.max(axis=1), skene.argmax(axis=1) == gold[out]))
    assert np.mean(accuracy) >= best - 0.015
    assert np.mean(error) <= 0.06
    assert np.mean(skene_error) > 1.5 * np.mean(error)
