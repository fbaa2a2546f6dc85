"""Models with our algorithms as steps, put together as the model designer does it."""

from qgis.core import (
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
)


def step(algorithm, parameters, outputs=()):
    """Return a step; parameters: values or outputs of other steps. The model gives its `outputs` as "algorithm:KEY"."""
    child = QgsProcessingModelChildAlgorithm(f"sarbridge:{algorithm}")
    child.setChildId(algorithm)
    for key, value in parameters.items():
        if not isinstance(value, QgsProcessingModelChildParameterSource):
            value = QgsProcessingModelChildParameterSource.fromStaticValue(value)
        child.addParameterSources(key, [value])
    child.setModelOutputs({key: _model_output(algorithm, key) for key in outputs})
    return child


def model_of(*steps):
    """Return the model of some steps."""
    model = QgsProcessingModelAlgorithm("model", "tests")
    for child in steps:
        model.addChildAlgorithm(child)
    model.updateDestinationParameters()
    return model


def output_of(algorithm, key):
    """Return what a parameter of a later step takes to be the output of an earlier one."""
    return QgsProcessingModelChildParameterSource.fromChildOutput(algorithm, key)


def _model_output(child, key):
    output = QgsProcessingModelOutput(key)
    output.setChildId(child)
    output.setChildOutputName(key)
    return output
