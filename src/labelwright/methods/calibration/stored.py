"""Calibration maps as plain JSON, so that what was shown can be shown again."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, cast

from labelwright.errors import InvalidValue
from labelwright.methods.calibration.calibrator import Calibrator
from labelwright.methods.calibration.class_wise import ClassWiseMap
from labelwright.methods.calibration.histogram import HistogramMap
from labelwright.methods.calibration.isotonic import IsotonicMap
from labelwright.methods.calibration.logit_map import LogitMap
from labelwright.methods.calibration.temperature import TemperatureMap
from labelwright.methods.calibration.venn_abers import VennAbersMap

_MAPS: Mapping[str, type[Calibrator]] = {
    "none": LogitMap,
    "platt": LogitMap,
    "beta": LogitMap,
    "temperature": TemperatureMap,
    "isotonic": IsotonicMap,
    "histogram": HistogramMap,
    "venn-abers": VennAbersMap,
}


def calibrator_to_json(calibrator: Calibrator | ClassWiseMap) -> dict[str, Any]:
    """Give the fields of a map, lists for tuples; of a `LogitMap` the same as `dataclasses.asdict`."""
    if isinstance(calibrator, ClassWiseMap):
        return {
            "method": calibrator.method,
            "by_class": {str(code): calibrator_to_json(one) for code, one in calibrator.by_class.items()},
            "others": calibrator_to_json(calibrator.others),
            "n_labels": calibrator.n_labels,
        }
    kind = _kind(calibrator.method)
    values = {field.name: getattr(calibrator, field.name) for field in fields(cast("Any", kind))}
    return {name: list(cast("Any", value)) if isinstance(value, tuple) else value for name, value in values.items()}


def calibrator_from_json(stored: Mapping[str, Any]) -> Calibrator:
    """Read what `calibrator_to_json` wrote of a map of one confidence.  Raises: InvalidValue, when it is none."""
    kind = _kind(stored.get("method"))
    try:
        return kind(
            **{
                name: tuple(cast("list[float]", value)) if isinstance(value, list) else value
                for name, value in stored.items()
            }
        )
    except TypeError as error:
        raise InvalidValue("calibration", f"is no stored {stored.get('method')} map: {error}") from error


def class_wise_from_json(stored: Mapping[str, Any]) -> ClassWiseMap:
    """Read what `calibrator_to_json` wrote of a class-wise map.  Raises: InvalidValue, when it is none."""
    if stored.get("method") != "class-wise":
        raise InvalidValue("calibration", f"is no class-wise map but {stored.get('method')!r}")
    by_class = cast("Mapping[str, Mapping[str, Any]]", stored["by_class"])
    return ClassWiseMap(
        "class-wise",
        {int(code): calibrator_from_json(one) for code, one in by_class.items()},
        calibrator_from_json(cast("Mapping[str, Any]", stored["others"])),
        int(stored["n_labels"]),
    )


def _kind(method: object) -> type[Calibrator]:
    if not isinstance(method, str) or method not in _MAPS:
        raise InvalidValue("calibration.method", f"{method!r} is not one of {', '.join(_MAPS)}")
    return _MAPS[method]
