"""The Processing provider: the list of algorithms."""

from itertools import chain

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from .toolbox_entry import ICONS


class SarbridgeProvider(QgsProcessingProvider):
    def id(self) -> str:
        return "sarbridge"

    def name(self) -> str:
        return "SARbridge"

    def svgIconPath(self) -> str:
        return str(ICONS / "sarbridge.svg")

    def icon(self) -> QIcon:
        return QIcon(self.svgIconPath())

    def supportsNonFileBasedOutput(self) -> bool:
        """False: results are files, so that they can be written under a temporary name and renamed when complete."""
        return False

    def supportedOutputRasterLayerExtensions(self) -> list[str]:
        return ["tif", "tiff", "vrt"]

    def supportedOutputVectorLayerExtensions(self) -> list[str]:
        from .outputs.table_file import TABLE_FORMATS  # imported here, as the algorithms are
        from .outputs.vector_output import DRIVERS

        return [suffix[1:] for suffix in dict.fromkeys((*DRIVERS, *TABLE_FORMATS))]

    def defaultVectorFileExtension(self, hasGeometry: bool = True) -> str:
        """Return "gpkg" whatever format the user prefers elsewhere: a GeoPackage holds all that our outputs have."""
        return "gpkg"

    def loadAlgorithms(self) -> None:
        # imported here, so that QGIS starts without waiting for them
        from .algorithms.align_images import AlignImages
        from .algorithms.build_patches import BuildPatches
        from .algorithms.check_engine import CheckEngine
        from .algorithms.coregister import Coregister
        from .algorithms.despeckle import Despeckle
        from .algorithms.evaluate_buildings import EvaluateBuildings
        from .algorithms.evaluate_matching import EvaluateMatching
        from .algorithms.evaluate_translation import EvaluateTranslation
        from .algorithms.extract_buildings import ExtractBuildings
        from .algorithms.joint_visibility import JointVisibility
        from .algorithms.match_and_coregister import MatchAndCoregister
        from .algorithms.match_tie_points import MatchTiePoints
        from .algorithms.sar_distortions import SarDistortions
        from .algorithms.setup_engine import SetupEngine
        from .algorithms.simulate_scene import SimulateScene
        from .algorithms.train_buildings import TrainBuildings
        from .algorithms.train_despeckler import TrainDespeckler
        from .algorithms.train_matcher import TrainMatcher
        from .algorithms.train_translator import TrainTranslator
        from .algorithms.translate_to_optical import TranslateToOptical
        from .inputs import ground_size

        ground_size.prepare()
        matching = EvaluateMatching, TrainMatcher
        registration = AlignImages, MatchTiePoints, Coregister, MatchAndCoregister, *matching
        geometry = SarDistortions, JointVisibility
        translation = TranslateToOptical, EvaluateTranslation, TrainTranslator, BuildPatches
        buildings = ExtractBuildings, TrainBuildings, EvaluateBuildings
        despeckling = Despeckle, TrainDespeckler
        engine = SetupEngine, CheckEngine
        groups = registration, geometry, [SimulateScene], despeckling, translation, buildings, engine
        for algorithm in chain.from_iterable(groups):
            self.addAlgorithm(algorithm())
