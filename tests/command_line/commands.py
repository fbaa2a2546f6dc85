"""Commands of `qgis_process`, and what they give."""

import json
import subprocess

from sarbridge.tests.qgis_session import QGIS_PROCESS


def command(algorithm, **parameters):
    """Return the arguments of a run; of a list each value is given by itself."""
    listed = {key: value if isinstance(value, list) else [value] for key, value in parameters.items()}
    texts = [f"--{key}={value}" for key, values in listed.items() for value in values]
    return [QGIS_PROCESS, "run", str(algorithm), "--json", *texts]


def run(arguments, environment):
    return subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=300)


def results_of(arguments, environment):
    done = run(arguments, environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["results"]
