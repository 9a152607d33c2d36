"""What people should label next, and which labelled items a prompt should show."""

from labelwright.methods.acquisition.demonstrations import DEMONSTRATIONS, balanced, fixed, nearest
from labelwright.methods.acquisition.least_sure import least_sure
from labelwright.methods.acquisition.nearest_items import NEAR_DUPLICATE, Nearest, nearest_items
from labelwright.methods.acquisition.same_text import same_text

__all__ = [
    "DEMONSTRATIONS",
    "NEAR_DUPLICATE",
    "Nearest",
    "balanced",
    "fixed",
    "least_sure",
    "nearest",
    "nearest_items",
    "same_text",
]
