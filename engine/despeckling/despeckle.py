"""The task `despeckle`: a SAR raster of any size in, the same without speckle out, on the same pixels."""

from typing import Any, NamedTuple, Optional

import numpy as np

from ...contract.despeckling_jobs import DespeckleJob
from ...contract.errors import UserError
from ...contract.finished_file import finished_files
from ...models.card import Card
from ...models.model_file import load_model
from ..compute.device import choose_device
from ..geometry.surface_model import part_of
from ..inference.blending import core
from ..inference.chosen_tiles import TileWish, chosen_batch, chosen_tiles
from ..inference.raster_network import map_rasters
from ..rasters.carried_place import carried_place
from ..rasters.grid import Grid, Window, part
from ..rasters.own_pixels import OwnPixelsReader, own_grid
from ..reporting import Reporter
from .band_despeckler import AtLevel, BandDespeckler, Filtered
from .centred_reader import CentredReader
from .classical import CLASSICAL
from .compared_blocks import compared_blocks
from .despeckled_files import RENDERING, DespeckledFiles
from .lee_sigma_level import bright_level
from .methods import NETWORK, check_network, method_of
from .pixel_doubt import doubt_of_pixels
from .speckled_scene import SpeckledScene, speckled_scene
from .survey import Survey, survey
