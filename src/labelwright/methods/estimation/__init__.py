"""What a small random sample says about all of it."""

from labelwright.methods.estimation.active import active_mean, inclusion_probabilities, poisson_draw
from labelwright.methods.estimation.confidence_driven import (
    confidence_driven_inclusion,
    expected_squared_error,
    round_sizes,
)
from labelwright.methods.estimation.designs import (
    Design,
    DesignWorth,
    draw_round,
    recommended_design,
    rehearse_designs,
)
from labelwright.methods.estimation.effective_size import Estimate, effective_sample_size
from labelwright.methods.estimation.intervals import (
    Interval,
    clopper_pearson_interval,
    finite_population_factor,
    wilson_interval,
)
from labelwright.methods.estimation.ppi import Population, classical_mean, ppi_mean, tuned_lambda
from labelwright.methods.estimation.prevalence import (
    ClassPrevalence,
    Confusion,
    by_part,
    class_prevalence,
    confusion_to_truth,
)
from labelwright.methods.estimation.pseudo_outcomes import (
    Link,
    PseudoOutcomes,
    RegressionFit,
    pseudo_outcomes,
    pseudo_regression,
)
from labelwright.methods.estimation.several_samples import (
    COUNTED,
    ENOUGH_TO_TUNE,
    Total,
    spoken_for,
    total_from_samples,
)
from labelwright.methods.estimation.stratified import neyman_allocation, strata_of, stratified_draw, stratified_mean

__all__ = [
    "COUNTED",
    "ENOUGH_TO_TUNE",
    "ClassPrevalence",
    "Confusion",
    "Design",
    "DesignWorth",
    "Estimate",
    "Interval",
    "Link",
    "Population",
    "PseudoOutcomes",
    "RegressionFit",
    "Total",
    "active_mean",
    "by_part",
    "class_prevalence",
    "classical_mean",
    "clopper_pearson_interval",
    "confidence_driven_inclusion",
    "confusion_to_truth",
    "draw_round",
    "effective_sample_size",
    "expected_squared_error",
    "finite_population_factor",
    "inclusion_probabilities",
    "neyman_allocation",
    "poisson_draw",
    "ppi_mean",
    "pseudo_outcomes",
    "pseudo_regression",
    "recommended_design",
    "rehearse_designs",
    "round_sizes",
    "spoken_for",
    "strata_of",
    "stratified_draw",
    "stratified_mean",
    "total_from_samples",
    "tuned_lambda",
    "wilson_interval",
]
