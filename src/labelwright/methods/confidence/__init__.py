"""Raw signals of how sure a model is, and what they say together; no raw signal is a probability until calibrated."""

from labelwright.methods.confidence.label_logprobs import (
    LabelProbabilities,
    label_probabilities,
    sequence_probabilities,
)
from labelwright.methods.confidence.meta_calibrator import MetaCalibrator, MetaFit, Signals, fit_meta_calibrator
from labelwright.methods.confidence.neighbours import neighbour_share, share_among
from labelwright.methods.confidence.p_true import p_true
from labelwright.methods.confidence.panel import Panel, PanelFit, Reading, fit_panel, read_posterior, untaught_panel
from labelwright.methods.confidence.panel_design import PanelSignals
from labelwright.methods.confidence.prior_correction import batch_calibration, contextual_calibration
from labelwright.methods.confidence.self_consistency import self_consistency
from labelwright.methods.confidence.share_of_votes import agreement_margin, share_equal, share_of_votes
from labelwright.methods.confidence.unlabelled import folds_of_texts, nearby_options, plurality
from labelwright.methods.confidence.weighed_jury import WeighedJury, WeighedJuryFit, fit_weighed_jury

__all__ = [
    "LabelProbabilities",
    "MetaCalibrator",
    "MetaFit",
    "Panel",
    "PanelFit",
    "PanelSignals",
    "Reading",
    "Signals",
    "WeighedJury",
    "WeighedJuryFit",
    "agreement_margin",
    "batch_calibration",
    "contextual_calibration",
    "fit_meta_calibrator",
    "fit_panel",
    "fit_weighed_jury",
    "folds_of_texts",
    "label_probabilities",
    "nearby_options",
    "neighbour_share",
    "p_true",
    "plurality",
    "read_posterior",
    "self_consistency",
    "sequence_probabilities",
    "share_among",
    "share_equal",
    "share_of_votes",
    "untaught_panel",
]
