"""What people should label next."""

from labelwright.methods.acquisition.least_sure import least_sure

__all__ = ["least_sure"]
