"""Watching accepted labels: figures that stay valid however often one looks, and what to do when they turn bad."""

from labelwright.methods.auditing.beta_mixture import (
    beta_mixture_evidence,
    beta_mixture_interval,
    pool_mixture_evidence,
    pool_mixture_interval,
    running_intersection,
)
from labelwright.methods.auditing.betting import betting_sequence, predictable_bets
from labelwright.methods.auditing.e_process import Direction, ErrorTest, error_rate_test
from labelwright.methods.auditing.recall import Recall, SliceEvidence, slices_to_recall
from labelwright.methods.auditing.stratified import stratified_pool_evidence, stratified_pool_interval

__all__ = [
    "Direction",
    "ErrorTest",
    "Recall",
    "SliceEvidence",
    "beta_mixture_evidence",
    "beta_mixture_interval",
    "betting_sequence",
    "error_rate_test",
    "pool_mixture_evidence",
    "pool_mixture_interval",
    "predictable_bets",
    "running_intersection",
    "slices_to_recall",
    "stratified_pool_evidence",
    "stratified_pool_interval",
]
