"""Which predictions may be accepted without a person, and with what guarantee."""

from labelwright.methods.routing.certified_chain import (
    CertifiedChain,
    CertifiedLink,
    certified_chain,
    certify_link,
    part_sizes,
)
from labelwright.methods.routing.certify import (
    Certification,
    ThresholdCounts,
    break_ties,
    certify,
    count_thresholds,
    ladder,
)
from labelwright.methods.routing.chain import ChainPass, backward_pass, forward_pass, retained
from labelwright.methods.routing.looks import look_deltas, look_number, question_delta
from labelwright.methods.routing.planner import (
    NextStep,
    critical_errors,
    default_calibration_size,
    next_step,
    power,
    size_for_errors,
    size_for_power,
    start_size,
    zero_error_size,
)
from labelwright.methods.routing.rehearse import Oracle, Rehearsal, draw_samples, oracle, rehearse
from labelwright.methods.routing.tail_tests import (
    binomial_cdf,
    finite_pool_p_value,
    hypergeometric_cdf,
    open_pool_p_value,
    tolerated_wrong,
)
from labelwright.methods.routing.verdict import Outlook, Verdict, verdict

__all__ = [
    "Certification",
    "CertifiedChain",
    "CertifiedLink",
    "ChainPass",
    "NextStep",
    "Oracle",
    "Outlook",
    "Rehearsal",
    "ThresholdCounts",
    "Verdict",
    "backward_pass",
    "binomial_cdf",
    "break_ties",
    "certified_chain",
    "certify",
    "certify_link",
    "count_thresholds",
    "critical_errors",
    "default_calibration_size",
    "draw_samples",
    "finite_pool_p_value",
    "forward_pass",
    "hypergeometric_cdf",
    "ladder",
    "look_deltas",
    "look_number",
    "next_step",
    "open_pool_p_value",
    "oracle",
    "part_sizes",
    "power",
    "question_delta",
    "rehearse",
    "retained",
    "size_for_errors",
    "size_for_power",
    "start_size",
    "tolerated_wrong",
    "verdict",
    "zero_error_size",
]
