"""Where a model is wrong in a system: slices of the items, tested on audited answers."""

from labelwright.methods.slices.account import Account
from labelwright.methods.slices.cells import Confusable, Labelled, Tagged, cell_words
from labelwright.methods.slices.clusters import Clusters, characteristic_words, find_clusters, spherical_k_means
from labelwright.methods.slices.confirm import (
    MOST_FRESH,
    Basis,
    Confirmation,
    basis_of,
    confirmation,
    fresh_answers_needed,
)
from labelwright.methods.slices.false_discovery import benjamini_hochberg, benjamini_yekutieli
from labelwright.methods.slices.fields import Bands, Field, Words, is_measured
from labelwright.methods.slices.find import FALSE_DISCOVERY_RATE, SliceSearch, find_slices
from labelwright.methods.slices.finding import Finding
from labelwright.methods.slices.language import language_of, script_of
from labelwright.methods.slices.search import MIN_RATIO, MIN_SUPPORT, SliceTests, slice_tests

__all__ = [
    "FALSE_DISCOVERY_RATE",
    "MIN_RATIO",
    "MIN_SUPPORT",
    "MOST_FRESH",
    "Account",
    "Bands",
    "Basis",
    "Clusters",
    "Confirmation",
    "Confusable",
    "Field",
    "Finding",
    "Labelled",
    "SliceSearch",
    "SliceTests",
    "Tagged",
    "Words",
    "basis_of",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "cell_words",
    "characteristic_words",
    "confirmation",
    "find_clusters",
    "find_slices",
    "fresh_answers_needed",
    "is_measured",
    "language_of",
    "script_of",
    "slice_tests",
    "spherical_k_means",
]
