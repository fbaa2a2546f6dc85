"""Scenes for tests of the simulator: a box on a plain, seen by fine sensors, and runs of any job."""

import numpy as np
import rasterio
from sarbridge.contract.geometry_jobs import OpticalView, SarView
from sarbridge.contract.simulation_jobs import OUTPUTS, SimulateSceneJob
from sarbridge.engine.reporting import NullReporter
from sarbridge.engine.simulation import simulate_scene
from sarbridge.tests.engine.geometry.surfaces import write_surface

LOOK, INCIDENCE = 90.0, 40.0
SAR, OPTICAL = SarView(LOOK, INCIDENCE, INCIDENCE), OpticalView(90.0, 10.0, 180.0, 45.0)
SIDE = 96
ROOF = slice(40, 60), slice(30, 50)  # rows, columns of a box of 12 m, in cells of 0.5 m
HEIGHT = 12.0
FINE = {"sar_preset": "xband_half_metre", "optical_preset": "rgb0m5", "polarisations": ("HH",)}


def box():
    """Heights [SIDE, SIDE] of a box on a plain at 100 m."""
    heights = np.full((SIDE, SIDE), 100.0)
    heights[ROOF] += HEIGHT
    return heights


def job_for(folder, wanted=OUTPUTS, **fields):
    paths = {name: str(folder / f"{name}{'.jsonl' if name == 'footprints' else '.tif'}") for name in wanted}
    return SimulateSceneJob(**{"sar": SAR, "optical": OPTICAL, "outputs": paths, **fields})


def simulated(folder, wanted=OUTPUTS, reporter=None, **fields):
    """Run the job; return (numbers, {name: values [C, H, W]})."""
    folder.mkdir(exist_ok=True)
    job = job_for(folder, wanted, **fields)
    numbers = simulate_scene.run(job, reporter or NullReporter())["numbers"]
    rasters = {name: rasterio.open(path).read() for name, path in job.outputs.items() if path.endswith(".tif")}
    return numbers, rasters


def simulated_box(folder, wanted=OUTPUTS):
    """Run the simulator with its fine sensors on the box; return (numbers, {name: values [C, H, W]})."""
    dsm, dtm = (
        write_surface(folder / f"{name}.tif", heights, 0.5)
        for name, heights in (("in_dsm", box()), ("in_dtm", np.full((SIDE, SIDE), 100.0)))
    )
    return simulated(folder / "out", wanted, dsm=dsm, dtm=dtm, **FINE)
