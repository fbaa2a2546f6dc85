"""The job that teaches networks buildings, and its choices: what commands call them → what they are in words."""

from dataclasses import dataclass
from typing import Optional

from .buildings_jobs import check_look
from .errors import UserError
from .matching_jobs import SAR_UNITS
from .sources import FootprintSource, RasterSource, check_polarisations, one_of
from .training_jobs import USUAL_EPOCHS, check_patches, check_training

ARCHITECTURES = {
    "bridgebuild": "BridgeBuild",
    "unet_mobilenet_v2": "UNet, MobileNetV2",
    "unet_vgg19": "UNet, VGG19",
    "unet_xception": "UNet, Xception",
    "unet_efficientnet_b4": "UNet, EfficientNetB4",
    "pspnet": "PSPNet",
    "segnet_vgg16": "SegNet, VGG16",
    "segnet_vgg19": "SegNet, VGG19",
    "deeplab_xception": "DeepLabV3+, Xception",
    "deeplab_resnet50": "DeepLabV3+, ResNet50",
    "hfd_net": "HFD-Net",
}

PLAIN, DISTILLATION, MERLIN_SEG = "plain", "distillation", "merlin_seg"
METHODS = {
    DISTILLATION: "distillation: from the optical image to the SAR image",
    PLAIN: "plain: from the footprints alone",
    MERLIN_SEG: "MERLIN-Seg: from few footprints, and from despeckling a complex SAR image",
}

LAYERS = {
    "int": "Int: six layers over encoder and decoder",
    "mid": "Mid: output of the encoder",
    "fin": "Fin: logits",
    "mid_fin": "M&F: output of the encoder, then logits",
}

FINE_TUNING = {
    "all": "all of the network",
    "decoder": "the decoder alone",
    "none": "none: the student is left as its teacher made it",
}

TEACHER, RECONSTRUCTION, HETEROGENEOUS, FOOTPRINTS = "teacher", "reconstruction", "heterogeneous", "footprints"
BOTH_TASKS = "both_tasks"
TEACHER_TASK = "buildings_optical"
"""On the card of a teacher, which sees optical images: the beginning of a distillation, and not for SAR layers."""

PHASES = {
    TEACHER: "Footprints in the optical image",
    RECONSTRUCTION: "What the teacher sees, in the SAR image",
    HETEROGENEOUS: "Footprints and what the teacher sees, in the SAR image",
    FOOTPRINTS: "Footprints in the SAR image",
    BOTH_TASKS: "Footprints in the complex image, and what is behind its speckle",
}
"""Phases 1 and 2 of distillation, both of HFD-Net at once, and phase 3; MERLIN-Seg."""

_FIRST_ARCHITECTURE, _ALL = next(iter(ARCHITECTURES)), next(iter(FINE_TUNING))


@dataclass(frozen=True)
class BuildingLayers:
    """Layers of one place that lie on each other, and which patches of them are taken.

    `polarisations` are those of the bands of `sar`, in their order, "" where one is not known. `look_azimuth`: degrees
    clockwise from true north, from the sensor towards the ground; `incidence`: degrees; None where they are not known.
    `area`: polygons within which all buildings are known; without, that is the convex hull of the footprints. Patches
    have `patch` pixels a side and begin every half side. About `validation_share` of them, in blocks of their own that
    `seed` decides on, are for validation.

    For MERLIN-Seg `sar` may lie anywhere, and where footprints have heights and the look and the incidence are known,
    labels are where roofs appear to the radar.
    """

    sar: Optional[RasterSource] = None
    optical: Optional[RasterSource] = None
    footprints: Optional[FootprintSource] = None
    area: Optional[FootprintSource] = None
    polarisations: tuple[str, ...] = ()
    sar_unit: str = "auto"
    look_azimuth: Optional[float] = None
    incidence: Optional[float] = None
    patch: int = 256
    validation_share: float = 0.2
    seed: int = 1

    def __post_init__(self):
        one_of("SAR unit", self.sar_unit, SAR_UNITS)
        check_look(self.look_azimuth, self.incidence)
        check_patches(self.patch, self.validation_share)
        if self.sar:
            check_polarisations(self.sar, self.polarisations)
        if self.area and not self.footprints:
            raise UserError(
                f"Layer '{self.area.name}' says where all buildings are known, and there is no layer of footprints: "
                "choose one, or leave the area out."
            )


@dataclass(frozen=True)
class TrainBuildingsJob:
    """Teach a network to find buildings (module `engine/buildings/train_buildings`) in the `phases` that it can have.

    `distilled`: of `LAYERS`. `teacher`, `student`: model files to begin with instead of learning them, or empty; the
    architecture is theirs then. `name` is what lists of models call the result; `output` (.safetensors) and `report`
    (.html, empty when not wanted) are output paths. `checkpoint`: a folder that is written on the way, a file for each
    phase; where there are some the training goes on from them, and it is not needed when the model is there. Footprints
    are learnt for as many `epochs`, each of which shows every training patch once, other phases for a part of them; or
    all phases together last about as many `minutes`, where these are not 0. 0 as `batch_size` and `rate` leaves them to
    the architecture.
    """

    layers: BuildingLayers
    name: str
    output: str
    checkpoint: str
    architecture: str = "bridgebuild"
    method: str = DISTILLATION
    distilled: str = "int"
    fine_tuning: str = "all"
    teacher: str = ""
    student: str = ""
    epochs: int = USUAL_EPOCHS
    minutes: float = 0.0
    batch_size: int = 0
    rate: float = 0.0
    report: str = ""
    device: str = "auto"

    def __post_init__(self):
        one_of("architecture", self.architecture, ARCHITECTURES)
        one_of("method", self.method, METHODS)
        one_of("layers to distil", self.distilled, LAYERS)
        one_of("fine-tuning", self.fine_tuning, FINE_TUNING)
        check_training(self)
        self._check_layers()

    @property
    def phases(self) -> tuple[str, ...]:
        """What is learnt one after the other, of `PHASES`."""
        if not self.layers.sar:
            return (TEACHER,)
        if self.method == PLAIN:
            return (FOOTPRINTS,)
        if self.method == MERLIN_SEG:
            return (BOTH_TASKS,)
        begin = () if self.teacher else (TEACHER,)
        if self.architecture == "hfd_net":
            return *begin, HETEROGENEOUS
        is_tuned = self.layers.footprints and self.fine_tuning != "none"
        return *begin, RECONSTRUCTION, *((FOOTPRINTS,) if is_tuned else ())

    def _check_layers(self):
        sar, optical = self.layers.sar, self.layers.optical
        if not sar and not optical:
            raise UserError("There is no image to learn from: choose a SAR layer, an optical layer, or both.")
        if self.method == MERLIN_SEG:
            self._check_merlin_seg()
        elif not sar:
            self._check_teacher()
        elif self.method == PLAIN:
            self._refuse_optical()
            self._need_footprints(f"the SAR layer '{sar.name}' alone teaches nothing")
            if self.fine_tuning != "all" and not self.student:
                raise UserError(
                    f"Fine-tuning '{self.fine_tuning}' is for networks that have learnt before, and method 'plain' "
                    "begins with nothing: choose 'all', or a model to begin with."
                )
            if self.fine_tuning == "none":
                raise UserError(
                    "Method 'plain' fine-tunes what it begins with, and fine-tuning 'none' leaves nothing to learn: "
                    "choose another one."
                )
            self._refuse_teacher()
        else:
            self._check_distillation()

    def _check_merlin_seg(self):
        if not self.layers.sar:
            raise UserError(
                "Method 'merlin_seg' learns from real and imaginary part of a radar image: choose a complex SAR layer, "
                "or another method."
            )
        self._refuse_optical()
        self._need_footprints("without any nothing shows MERLIN-Seg what a building is; a few are enough")
        if self.architecture != _FIRST_ARCHITECTURE or self.fine_tuning != _ALL:
            given = ARCHITECTURES[self.architecture] if self.fine_tuning == _ALL else FINE_TUNING[self.fine_tuning]
            raise UserError(
                f"Method 'merlin_seg' has a network of its own, all of which learns, so that '{given}' would not be "
                "used: leave architecture and fine-tuning as they are by default, or choose another method."
            )
        self._refuse_teacher()

    def _refuse_optical(self):
        optical = self.layers.optical
        if optical:
            raise UserError(
                f"Method '{self.method}' learns from the SAR layer and footprints alone, so that layer "
                f"'{optical.name}' would not be used: leave it out, or choose the method 'distillation'."
            )

    def _refuse_teacher(self):
        if self.teacher:
            raise UserError(
                f"The model '{self.teacher}' is a teacher that sees optical images, which method '{self.method}' does "
                "not use: choose the method 'distillation', or another model."
            )

    def _check_teacher(self):
        self._need_footprints("an optical layer alone teaches nothing")
        if self.teacher or self.student:
            raise UserError("A model to begin with is for SAR images: choose a SAR layer, or leave the model out.")

    def _check_distillation(self):
        if not self.layers.optical:
            raise UserError(
                "Distillation learns from an optical layer what to see in the SAR layer: choose an optical layer, or "
                "the method 'plain'."
            )
        if self.student:
            raise UserError(
                f"The model '{self.student}' is for SAR images already: choose the method 'plain' to teach it more, or "
                "an optical teacher for the distillation."
            )
        if not self.teacher:
            self._need_footprints("the teacher of the distillation learns from them; or choose a model of one")
        elif self.architecture == "hfd_net":
            self._need_footprints("HFD-Net learns from its teacher and from them at once")

    def _need_footprints(self, why):
        if not self.layers.footprints:
            raise UserError(f"There is no layer of building footprints: choose one, as {why}.")
