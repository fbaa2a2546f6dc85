"""What the toolbox shows of an algorithm, whatever kind it is: names, group, icon, help, and whether it can run."""

from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QWidget

from ..contract.installation import PLUGIN_FOLDER, user_guide_url
from .engine_process.interpreter import find_interpreter

LINKS = "sarbridge"
"""Scheme of links in messages: the plugin opens the dialog of the algorithm that they name."""

ICONS = PLUGIN_FOLDER / "plugin" / "icons"


class ToolboxEntry:
    """First base class of an algorithm, before QGIS's own.

    The id is the class name in lower case; the icon and the heading in the user guide are found by that id.
    """

    TITLE = ""  # as shown in the toolbox
    GROUP = ("", "")  # (group id, group name)
    SUMMARY = ""  # one paragraph of help, HTML allowed
    TAGS = ()  # further words the toolbox search finds
    NEEDS_ENGINE = True
    LIKELY = {}  # key of a layer → name of the `Kind` (`inputs/layer_kinds.py`) that dialogs propose

    def name(self) -> str:
        return type(self).__name__.lower()

    def displayName(self) -> str:
        return self.tr(self.TITLE)

    def groupId(self) -> str:
        return self.GROUP[0]

    def group(self) -> str:
        return self.tr(self.GROUP[1])

    def svgIconPath(self) -> str:
        return str(ICONS / f"{self.name()}.svg")

    def icon(self) -> QIcon:
        return QIcon(self.svgIconPath())

    def tags(self) -> list[str]:
        return ["sarbridge", "sar", "radar", *self.TAGS]

    def helpUrl(self) -> str:
        return user_guide_url(self.name())

    def shortHelpString(self) -> str:
        """The summary, then every parameter with its own help, so that each text has one home."""
        parameters = [
            f"<p><b>{definition.description()}</b> ({definition.name()}): {definition.help()}</p>"
            for definition in self.parameterDefinitions()
            if definition.help()
        ]
        return f"<p>{self.tr(self.SUMMARY)}</p>" + "".join(parameters)

    def createCustomParametersWidget(self, parent: Optional[QWidget] = None) -> None:
        """Called when QGIS opens a dialog, and never by models and `qgis_process`: proposes layers, has no widget."""
        from .parameters.likely_layers import propose_layers  # not at the top: it needs GDAL, and QGIS starts without

        propose_layers(self, self.LIKELY)

    def createInstance(self) -> "ToolboxEntry":
        return type(self)()

    def canExecute(self) -> tuple[bool, str]:
        """Return (True, "") or (False, what to do). Looks for files only: it never starts Python."""
        if not self.NEEDS_ENGINE:
            return True, ""
        interpreter = find_interpreter()
        if interpreter.path:
            return True, ""
        in_window = QgsApplication.platform() == "desktop"  # where QGIS shows the reason as HTML
        link = f' <p><a href="{LINKS}:setupengine">{self.tr("Set up the engine…")}</a></p>' if in_window else ""
        return False, interpreter.why + link

    def tr(self, text: str) -> str:
        return QCoreApplication.translate("SARbridge", text)
