"""A box on a plain with known shadow, layover and occlusion, and runs of joint visibility on it."""

import math

import numpy as np
import rasterio
from sarbridge.contract.geometry_jobs import JointVisibilityJob, OpticalView, SarView
from sarbridge.engine.geometry import joint_visibility
from sarbridge.engine.reporting import NullReporter
from sarbridge.tests.engine.geometry.surfaces import write_surface

SIDE, FIRST, END = 160, 60, 100  # cells of 1 m; the box reaches from FIRST to END on both axes
HEIGHT, INCIDENCE, OFF_NADIR = 12.0, 50.0, 30.0
SHADOW = HEIGHT * math.tan(math.radians(INCIDENCE))  # 14.3 m
LAYOVER = HEIGHT / math.tan(math.radians(INCIDENCE))  # 10.1 m
OCCLUDED = HEIGHT * math.tan(math.radians(OFF_NADIR))  # 6.9 m


def box(height=HEIGHT):
    heights = np.zeros((SIDE, SIDE))
    heights[FIRST:END, FIRST:END] = height
    return heights


def read(path):
    with rasterio.open(path) as file:
        return file.read(1)


def make_job(
    folder, dsm=None, look=90.0, incidence=INCIDENCE, view=180.0, off_nadir=OFF_NADIR, sun=(None, None), **others
):
    return JointVisibilityJob(
        dsm=dsm or write_surface(folder / "dsm.tif", box()),
        sar=SarView(look, incidence, incidence),
        optical=OpticalView(view, off_nadir, *sun),
        output=str(folder / "joint.tif"),
        sar_map=str(folder / "sar.tif"),
        optical_map=str(folder / "optical.tif"),
        **others,
    )


def run(job):
    return joint_visibility.run(job, NullReporter())["numbers"]
