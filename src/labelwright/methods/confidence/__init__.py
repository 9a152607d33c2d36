"""Raw signals of how sure a model is; none is a probability until calibrated."""

from labelwright.methods.confidence.label_logprobs import LabelProbabilities, label_probabilities
from labelwright.methods.confidence.share_of_votes import share_equal, share_of_votes

__all__ = ["LabelProbabilities", "label_probabilities", "share_equal", "share_of_votes"]
