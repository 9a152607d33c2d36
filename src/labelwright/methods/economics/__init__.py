"""Where money mends most: gold, audit, review, fresh labels, dearer models and several people, within a budget."""

from labelwright.methods.economics.allocation import Allocation, Shop, base_cost
from labelwright.methods.economics.gold_needed import Certifiable, certifiable, gold_for_width
from labelwright.methods.economics.known import Known, certain, counted, read_known
from labelwright.methods.economics.outlook import Band, Sensitivity, accuracy_bands, sensitivities
from labelwright.methods.economics.people import assisted_accuracy, majority_accuracy, stops_helping
from labelwright.methods.economics.plan import MoneyPlan, Point, Wish, make_plan
from labelwright.methods.economics.scored_items import ScoredItems, beta_items, measured_items, moved
from labelwright.methods.economics.spend import Spent, Steps, purchase_steps, spend
from labelwright.methods.economics.world import DearerModel, KnownWorld, Menu, Option, World, menu_of

__all__ = [
    "Allocation",
    "Band",
    "Certifiable",
    "DearerModel",
    "Known",
    "KnownWorld",
    "Menu",
    "MoneyPlan",
    "Option",
    "Point",
    "ScoredItems",
    "Sensitivity",
    "Shop",
    "Spent",
    "Steps",
    "Wish",
    "World",
    "accuracy_bands",
    "assisted_accuracy",
    "base_cost",
    "beta_items",
    "certain",
    "certifiable",
    "counted",
    "gold_for_width",
    "majority_accuracy",
    "make_plan",
    "measured_items",
    "menu_of",
    "moved",
    "purchase_steps",
    "read_known",
    "sensitivities",
    "spend",
    "stops_helping",
]
