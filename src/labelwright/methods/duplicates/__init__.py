"""Which texts nearly repeat one another, how to split them so that none stands on both sides, and who knows them."""

from labelwright.methods.duplicates.components import components
from labelwright.methods.duplicates.group_split import group_split
from labelwright.methods.duplicates.min_hash import (
    JACCARD,
    N_PERMUTATIONS,
    min_hash,
    permutations,
    similar_pairs,
)
from labelwright.methods.duplicates.near_copies import COSINE, NearCopies, near_copies
from labelwright.methods.duplicates.near_vectors import near_vectors
from labelwright.methods.duplicates.recited import NEAR, Recited, matched_by_chance, recited
from labelwright.methods.duplicates.shingles import Shingles, contained_share, normalised, shingles

__all__ = [
    "COSINE",
    "JACCARD",
    "NEAR",
    "N_PERMUTATIONS",
    "NearCopies",
    "Recited",
    "Shingles",
    "components",
    "contained_share",
    "group_split",
    "matched_by_chance",
    "min_hash",
    "near_copies",
    "near_vectors",
    "normalised",
    "permutations",
    "recited",
    "shingles",
    "similar_pairs",
]
