"""Hierarchical Dawid–Skene: each annotator's confusion matrix, shrunk towards everybody's."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.methods.aggregation.majority import vote_shares
from labelwright.methods.aggregation.votes import Votes

Floats = NDArray[np.float64]

_PRIOR_UNIFORM = 1.0
_PRIOR_DIAGONAL = 2.0


@dataclass(frozen=True, eq=False, slots=True)
class DawidSkene:
    """What the votes say about truth and annotators.

    posterior: (units, options), the class prior where nobody voted.  confusion: (annotators, true, said).
    prior: (options,).
    """

    posterior: Floats
    confusion: Floats
    prior: Floats
    n_iterations: int
    has_converged: bool


def dawid_skene(
    table: Votes, *, strength: float = 5.0, tolerance: float = 1e-6, max_iterations: int = 200
) -> DawidSkene:
    """Estimate truth and annotator confusions by EM, as maximum a posteriori.

    An annotator's row is counts + m·pooled row, m = `strength` (5); the pooled matrix has a prior of 1 everywhere and
    2 more on the diagonal, so that few votes cannot turn an annotator upside down.  Starts from vote shares; stops when
    no posterior moves by more than `tolerance`.
    For people, not for several language models: their errors are correlated, which this model takes for skill.
    Source: Dawid & Skene (1979), Applied Statistics 28(1); the pooling as in Paun et al. (2018), TACL 6, section 3.
    """
    posterior = np.nan_to_num(vote_shares(table), nan=1.0 / max(table.n_options, 1))
    cell = table.annotator * table.n_options + table.option
    prior, confusion = _maximise(table, cell, posterior, strength)
    iterations, moved = 0, np.inf
    while iterations < max_iterations and moved > tolerance:
        updated = _expect(table, prior, confusion)
        moved = float(np.max(np.abs(updated - posterior), initial=0.0))
        posterior = updated
        prior, confusion = _maximise(table, cell, posterior, strength)
        iterations += 1
    return DawidSkene(posterior, confusion, prior, iterations, moved <= tolerance)


def _maximise(table: Votes, cell: NDArray[np.int64], posterior: Floats, strength: float) -> tuple[Floats, Floats]:
    n_annotators, n_options = table.n_annotators, table.n_options
    voted = np.zeros(table.n_units, dtype=np.bool_)
    voted[table.unit] = True
    prior = posterior[voted].sum(axis=0) + 1.0
    prior = prior / prior.sum()
    counts = np.empty((n_annotators, n_options, n_options))
    for true in range(n_options):
        weights = posterior[table.unit, true]
        counts[:, true, :] = np.bincount(cell, weights=weights, minlength=n_annotators * n_options).reshape(
            n_annotators, n_options
        )
    pooled = counts.sum(axis=0) + _PRIOR_UNIFORM + _PRIOR_DIAGONAL * np.eye(n_options)
    pooled = pooled / pooled.sum(axis=1, keepdims=True)
    confusion = counts + strength * pooled
    return prior, confusion / confusion.sum(axis=2, keepdims=True)


def _expect(table: Votes, prior: Floats, confusion: Floats) -> Floats:
    log_posterior = np.tile(np.log(prior), (table.n_units, 1))
    log_confusion = np.log(confusion)
    for true in range(table.n_options):
        evidence = log_confusion[table.annotator, true, table.option]
        log_posterior[:, true] += np.bincount(table.unit, weights=evidence, minlength=table.n_units)
    log_posterior -= log_posterior.max(axis=1, keepdims=True, initial=-np.inf)
    posterior = np.exp(log_posterior)
    return posterior / posterior.sum(axis=1, keepdims=True)
