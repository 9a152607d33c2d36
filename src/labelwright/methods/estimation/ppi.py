"""The share of something in a whole data set: a model's output on all, mended by people's labels on a random part."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.methods.estimation.effective_size import Estimate, Residuals, interval_from_residuals, labelled_of

Floats = NDArray[np.float64]
Population = Literal["finite", "open"]

_NO_SPREAD = 1e-9


def classical_mean(human: ArrayLike, *, population: Population = "finite", confidence_level: float = 0.95) -> Estimate:
    """Mean of people's labels on a random sample, with Wilson's interval; the model has no say.

    human: (N,) in [0, 1], nan = not asked.

    >>> found = classical_mean([1.0] * 80 + [0.0] * 20 + [np.nan] * 9_900, population="open")
    >>> round(found.low, 2), round(found.high, 2)
    (0.71, 0.87)
    """
    return ppi_mean(
        human, np.zeros(len(np.asarray(human))), tuning=0.0, population=population, confidence_level=confidence_level
    )


def ppi_mean(
    human: ArrayLike,
    predicted: ArrayLike,
    *,
    tuning: float | None = None,
    population: Population = "finite",
    confidence_level: float = 0.95,
) -> Estimate:
    """Mean over all items: λ·(mean of predictions) + (mean of y − λf over the labelled).

    human: (N,) in [0, 1], nan = not asked; who was asked must be a plain random sample.
    predicted: (N,) in [0, 1]: 0/1 from the model's label, or better a probability.
    tuning: λ; None = tuned on the labelled items (PPI++), 1 = plain prediction-powered inference, 0 = people only.
    population: "finite": the N items are meant, f is known on all of them, and only the correction has sampling error:
      √(1 − n/N) · s(y − λf)/√n.  "open": the N items are themselves a sample, and the answer is about where they come
      from; the model's mean is then taken over the unlabelled items, as in the papers.
    Untuned, λ = 1, the estimate is worse than people alone when the model is poor; tuned it is not, but for the noise
    of tuning.
    Source: Angelopoulos, Bates, Fannjiang, Jordan & Zrnic (2023), Science 382; Angelopoulos, Duchi & Zrnic (2023),
    "PPI++", arXiv:2311.01453, example 6.1; for the finite population Cochran (1977), section 7.
    """
    y_N, known = labelled_of(human, predicted)
    f_N = np.asarray(predicted, dtype=np.float64)
    y, f, others = y_N[known], f_N[known], f_N[~known]
    n, n_others = len(y), len(others)
    is_finite = population == "finite"
    power = tuned_lambda(y, f, None if is_finite else others) if tuning is None else tuning
    base = f_N if is_finite or not n_others else others
    value = power * float(base.mean()) + float((y - power * f).mean()) if n else float("nan")
    residual = (y - power * f) - (y - power * f).mean() if n else y
    factor = max(0.0, 1 - n / len(y_N)) if is_finite else 1.0
    weight = np.full(n, factor / n**2 if n else 0.0)
    extra = power**2 * float(others.var()) / n_others if not is_finite and n_others else 0.0
    name = "random sample" if power == 0 and tuning == 0 else "random sample with the model's output on all"
    return interval_from_residuals(
        value,
        Residuals(residual, weight, n_fitted=0 if tuning == 0 else 2 if tuning is None else 1),
        n_population=len(y_N) if is_finite else None,
        n_all=len(y_N),
        design=f"{name}, {population} population",
        confidence_level=confidence_level,
        tuning=power,
        extra_variance=extra,
    )


def tuned_lambda(label: ArrayLike, predicted: ArrayLike, predicted_others: ArrayLike | None = None) -> float:
    """λ of least variance, kept within [0, 1]; 0 when the prediction does not vary.

    label, predicted: (n,) of the labelled items.
    predicted_others: (N,) of the unlabelled items of an open population: λ = cov(y, f) / ((1 + n/N) var f), the
    variance over all.  None = finite population, where the mean of f is known: λ = cov(y, f) / var f.
    Source: Angelopoulos, Duchi & Zrnic (2023), arXiv:2311.01453, equation 6 for a mean; Cochran (1977), section 7.3.

    >>> tuned_lambda([0, 0, 1, 1], [0, 0, 1, 1])
    1.0
    """
    y, f = np.asarray(label, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    others = np.asarray([] if predicted_others is None else predicted_others, dtype=np.float64)
    if len(y) < 2 or not np.ptp(f) > _NO_SPREAD:
        return 0.0
    together = float(((y - y.mean()) * (f - f.mean())).mean())
    if not len(others):
        return min(max(together / float(f.var()), 0.0), 1.0)
    spread = (1 + len(y) / len(others)) * float(np.concatenate([f, others]).var(ddof=1))
    return min(max(together / spread, 0.0), 1.0)
