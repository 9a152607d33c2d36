"""From several votes to one label with its uncertainty; models' votes are weighed in `methods.confidence`."""

from labelwright.methods.aggregation.dawid_skene import DawidSkene, dawid_skene
from labelwright.methods.aggregation.majority import majority, vote_shares
from labelwright.methods.aggregation.votes import Votes, count_table, votes

__all__ = [
    "DawidSkene",
    "Votes",
    "count_table",
    "dawid_skene",
    "majority",
    "vote_shares",
    "votes",
]
