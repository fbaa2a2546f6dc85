"""Where the engine computes: the same question for every algorithm that needs a device."""

from typing import Any

from qgis.core import QgsProcessingAlgorithm, QgsProcessingContext, QgsProcessingParameterString

from .. import settings
from ..algorithm import SarbridgeAlgorithm

DEVICE = "DEVICE"


def add_device(algorithm: SarbridgeAlgorithm) -> None:
    """Add the device to an algorithm."""
    algorithm.add_parameter(
        QgsProcessingParameterString(DEVICE, algorithm.tr("Device"), defaultValue="auto"),
        "Where the engine computes: auto, cpu, cuda, cuda:N (the N-th NVIDIA GPU) or mps (Apple). "
        "auto takes the device of the settings page, which is the fastest one found unless you chose another.",
        advanced=True,
    )


def chosen_device(algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext) -> str:
    """Return the device to run on; `auto` gives way to the settings page."""
    device = algorithm.parameterAsString(parameters, DEVICE, context)
    return settings.device() if device == "auto" else device
