"""What a small random sample says about all of it."""

from labelwright.methods.estimation.intervals import (
    Interval,
    clopper_pearson_interval,
    finite_population_factor,
    wilson_interval,
)

__all__ = ["Interval", "clopper_pearson_interval", "finite_population_factor", "wilson_interval"]
