"""Where the engine computes: the same question for every algorithm that needs a device."""

from typing import Any

from qgis.core import QgsProcessingAlgorithm, QgsProcessingContext, QgsProcessingParameterString

from ...contract.devices import DEVICES_IN_WORDS, device_parts
from ...contract.errors import UserError
from .. import settings
from ..algorithm import SarbridgeAlgorithm
from .given import named

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
    """Return the device to run on; `auto` gives way to the settings page. Raises `UserError` for a name of none."""
    device = algorithm.parameterAsString(parameters, DEVICE, context)
    where = named(algorithm.parameterDefinition(DEVICE))
    if device == "auto":
        device, where = settings.device(), "The device of the settings page"
    if device_parts(device) is None:
        raise UserError(f"{where} must be {DEVICES_IN_WORDS}; got '{device}'.")
    return device
