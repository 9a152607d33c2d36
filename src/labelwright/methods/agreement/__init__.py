"""How far annotators agree, beyond chance, with intervals."""

from labelwright.methods.agreement.cohen import cohen_kappa
from labelwright.methods.agreement.fleiss import fleiss_kappa
from labelwright.methods.agreement.gwet import gwet_ac1
from labelwright.methods.agreement.krippendorff import krippendorff_alpha
from labelwright.methods.agreement.percent import percent_agreement
from labelwright.methods.agreement.value import Agreement

__all__ = ["Agreement", "cohen_kappa", "fleiss_kappa", "gwet_ac1", "krippendorff_alpha", "percent_agreement"]
