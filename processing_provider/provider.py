"""The Processing provider: the list of algorithms."""

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from .algorithm import ICONS


class SarbridgeProvider(QgsProcessingProvider):
    def id(self):
        return "sarbridge"

    def name(self):
        return "SARbridge"

    def svgIconPath(self):
        return str(ICONS / "sarbridge.svg")

    def icon(self):
        return QIcon(self.svgIconPath())

    def supportsNonFileBasedOutput(self):
        """False: results are files, so that they can be written under a temporary name and renamed when complete."""
        return False

    def loadAlgorithms(self):
        # imported here, so that QGIS starts without waiting for them
        from .check_engine import CheckEngine
        from .coregister import Coregister
        from .joint_visibility import JointVisibility
        from .match_tie_points import MatchTiePoints
        from .sar_distortions import SarDistortions
        from .setup_engine import SetupEngine

        for algorithm in (MatchTiePoints, Coregister, SarDistortions, JointVisibility, SetupEngine, CheckEngine):
            self.addAlgorithm(algorithm())
