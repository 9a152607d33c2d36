"""From several votes to one label with its uncertainty: people's by their reliability, models' by what people say."""

from labelwright.methods.aggregation.dawid_skene import DawidSkene, dawid_skene
from labelwright.methods.aggregation.majority import majority, vote_shares
from labelwright.methods.aggregation.stacking import Jury, JuryFit, best_voter, fit_jury
from labelwright.methods.aggregation.votes import Votes, count_table, votes

__all__ = [
    "DawidSkene",
    "Jury",
    "JuryFit",
    "Votes",
    "best_voter",
    "count_table",
    "dawid_skene",
    "fit_jury",
    "majority",
    "vote_shares",
    "votes",
]
