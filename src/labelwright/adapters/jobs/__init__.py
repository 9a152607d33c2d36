"""A run's budget, and its line to the people who watch it, in a workspace's database."""

from labelwright.adapters.jobs.stored_budget import StoredBudget
from labelwright.adapters.jobs.stored_control import StoredControl, open_job
from labelwright.adapters.jobs.stored_outbound import StoredOutbound

__all__ = ["StoredBudget", "StoredControl", "StoredOutbound", "open_job"]
