"""What all algorithms of the provider share: names, group, icon, help and the question whether an engine is there."""

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingOutputNumber,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)
from qgis.PyQt.QtCore import QCoreApplication, QUrl
from qgis.PyQt.QtGui import QIcon

from ..contract.installation import PLUGIN_FOLDER
from . import settings
from .engine_process.interpreter import find_interpreter

ICONS = PLUGIN_FOLDER / "plugin" / "icons"
USER_GUIDE = PLUGIN_FOLDER / "docs" / "user_guide.md"

REGISTRATION = ("registration", "Registration")
SAR_GEOMETRY = ("sargeometry", "SAR geometry")
SIMULATION = ("simulation", "Simulation")
ENGINE = ("engine", "Engine")


def user_guide_url(section=""):
    """Return the URL of the user guide that comes with the plugin, at the heading `section` when given."""
    url = QUrl.fromLocalFile(str(USER_GUIDE))
    url.setFragment(section)
    return url


class SarbridgeAlgorithm(QgsProcessingAlgorithm):
    """Base class of the provider's algorithms.

    A subclass sets the class attributes below and defines `initAlgorithm` and `processAlgorithm`. Its id is the class
    name in lower case; its icon and its heading in the user guide are found by that id.
    """

    TITLE = ""  # as shown in the toolbox
    GROUP = REGISTRATION  # (group id, group name)
    SUMMARY = ""  # one paragraph of help, HTML allowed
    TAGS = ()  # further words the toolbox search finds
    NEEDS_ENGINE = True

    DEVICE = "DEVICE"

    def name(self):
        return type(self).__name__.lower()

    def displayName(self):
        return self.tr(self.TITLE)

    def groupId(self):
        return self.GROUP[0]

    def group(self):
        return self.tr(self.GROUP[1])

    def svgIconPath(self):
        return str(ICONS / f"{self.name()}.svg")

    def icon(self):
        return QIcon(self.svgIconPath())

    def tags(self):
        return ["sarbridge", "sar", "radar", *self.TAGS]

    def helpUrl(self):
        return user_guide_url(self.name()).toString()

    def shortHelpString(self):
        """The summary, then every parameter with its own help, so that each text has one home."""
        parameters = [
            f"<p><b>{definition.description()}</b> ({definition.name()}): {definition.help()}</p>"
            for definition in self.parameterDefinitions()
            if definition.help()
        ]
        return f"<p>{self.tr(self.SUMMARY)}</p>" + "".join(parameters)

    def createInstance(self):
        return type(self)()

    def tr(self, text):
        return QCoreApplication.translate("SARbridge", text)

    def add_parameter(self, definition, help_text, advanced=False):
        """Add a parameter with its help; `advanced` moves it into the dialog's folded part."""
        definition.setHelp(self.tr(help_text))
        if advanced:
            definition.setFlags(definition.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
        self.addParameter(definition)

    def add_choice(self, key, title, options, help_text, default=None, optional=False):
        """Add an enumeration of texts, the first of which is the default unless another is named."""
        default = default or next(iter(options), None)
        self.add_parameter(
            QgsProcessingParameterEnum(key, self.tr(title), options, False, default, optional, usesStaticStrings=True),
            help_text,
        )

    def add_angle(self, key, title, help_text, default=None, bounds=(None, None), advanced=False):
        """Add a number of degrees between two bounds (None: no bound), optional when it has no default."""
        kind = QgsProcessingParameterNumber.Type.Double
        definition = QgsProcessingParameterNumber(key, self.tr(title), kind, default, default is None)
        lowest, highest = bounds
        if lowest is not None:
            definition.setMinimum(lowest)
        if highest is not None:
            definition.setMaximum(highest)
        self.add_parameter(definition, help_text, advanced)

    def angle(self, parameters, key, context):
        """Return the degrees of an angle: its default when it is left out or empty, None where it has none."""
        is_empty = parameters.get(key) in (None, "")
        if is_empty and self.parameterDefinition(key).defaultValue() is None:
            return None
        return self.parameterAsDouble(parameters, key, context)

    def add_raster_output(self, key, title, help_text, optional):
        """Add a raster to write; what is optional is not written unless it is asked for."""
        definition = QgsProcessingParameterRasterDestination(key, self.tr(title), None, optional, not optional)
        self.add_parameter(definition, help_text)

    def add_numbers(self, numbers):
        """Add outputs that are numbers; numbers: {key: description}."""
        for key, description in numbers.items():
            self.addOutput(QgsProcessingOutputNumber(key, self.tr(description)))

    def add_device_parameter(self):
        """Add `DEVICE`, the same for every algorithm that computes on one."""
        self.add_parameter(
            QgsProcessingParameterString(self.DEVICE, self.tr("Device"), defaultValue="auto"),
            "Where the engine computes: auto, cpu, cuda, cuda:N (the N-th NVIDIA GPU) or mps (Apple). "
            "auto takes the device of the settings page, which is the fastest one found unless you chose another.",
            advanced=True,
        )

    def chosen_device(self, parameters, context):
        """Return the device to run on; `auto` gives way to the settings page."""
        device = self.parameterAsString(parameters, self.DEVICE, context)
        return settings.device() if device == "auto" else device

    def checkParameterValues(self, parameters, context):
        """Say why a raster layer cannot be read or a number is wrong, where QGIS only names the parameter."""
        acceptable, reason = super().checkParameterValues(parameters, context)
        if not acceptable:
            from .inputs.layers import why_unreadable  # not at the top: it needs GDAL, and QGIS starts without

            definitions = self.parameterDefinitions()
            rasters = [each.name() for each in definitions if isinstance(each, QgsProcessingParameterRasterLayer)]
            reason = why_unreadable(self, parameters, rasters, context) or self._out_of_bounds(parameters) or reason
        return acceptable, reason

    def _out_of_bounds(self, parameters):
        """Return the sentence about the first number that is not within its bounds, empty when all are."""
        for each in self.parameterDefinitions():
            given = parameters.get(each.name())
            if isinstance(each, QgsProcessingParameterNumber) and not each.checkValueIsAcceptable(given):
                # QGIS says "no bound" by the largest numbers there are.
                bounds = [("at least", each.minimum()), ("at most", each.maximum())]
                told = " and ".join(f"{word} {bound:g}" for word, bound in bounds if abs(bound) < 1e300)
                wanted = f"a number of {told}" if told else "a number"
                return self.tr("{} ({}) must be {}, got {}.").format(each.description(), each.name(), wanted, given)
        return ""

    def canExecute(self):
        """Return (True, "") or (False, what to do). Looks for files only: it never starts Python."""
        if not self.NEEDS_ENGINE:
            return True, ""
        interpreter = find_interpreter()
        return (True, "") if interpreter.path else (False, interpreter.why)
