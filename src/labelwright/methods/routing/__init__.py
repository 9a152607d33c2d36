"""Which predictions may be accepted without a person, and with what guarantee."""

from labelwright.methods.routing.bounded_loss import (
    betting_p_value,
    finite_pool_betting,
    finite_pool_hoeffding_bentkus,
    hoeffding_bentkus_p_value,
)
from labelwright.methods.routing.by_class import GroupCell, GroupedOutcome, certify_by_group
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
from labelwright.methods.routing.certify_loss import LossTest, certify_loss
from labelwright.methods.routing.chain import ChainPass, backward_pass, forward_pass, retained
from labelwright.methods.routing.conformal import PredictionSets, conformal_risk_control, prediction_sets
from labelwright.methods.routing.looks import look_deltas, look_number, question_delta
from labelwright.methods.routing.losses import cost_losses, f1_losses
from labelwright.methods.routing.outcome import RoutingOutcome
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
from labelwright.methods.routing.sgr import selective_guaranteed_risk
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
    "GroupCell",
    "GroupedOutcome",
    "LossTest",
    "NextStep",
    "Oracle",
    "Outlook",
    "PredictionSets",
    "Rehearsal",
    "RoutingOutcome",
    "ThresholdCounts",
    "Verdict",
    "backward_pass",
    "betting_p_value",
    "binomial_cdf",
    "break_ties",
    "certified_chain",
    "certify",
    "certify_by_group",
    "certify_link",
    "certify_loss",
    "conformal_risk_control",
    "cost_losses",
    "count_thresholds",
    "critical_errors",
    "default_calibration_size",
    "draw_samples",
    "f1_losses",
    "finite_pool_betting",
    "finite_pool_hoeffding_bentkus",
    "finite_pool_p_value",
    "forward_pass",
    "hoeffding_bentkus_p_value",
    "hypergeometric_cdf",
    "ladder",
    "look_deltas",
    "look_number",
    "next_step",
    "open_pool_p_value",
    "oracle",
    "part_sizes",
    "power",
    "prediction_sets",
    "question_delta",
    "rehearse",
    "retained",
    "selective_guaranteed_risk",
    "size_for_errors",
    "size_for_power",
    "start_size",
    "tolerated_wrong",
    "verdict",
    "zero_error_size",
]
