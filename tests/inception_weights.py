"""Random weights for Inception-v3 in torchvision's layout, as files.

QGIS's Python imports this as well (`written_by_engine.py`), so that torch is imported where it is needed.
"""


def random_weights():
    """Return tensors by name, always the same, with which features keep their size from layer to layer."""
    import numpy as np
    import torch
    from sarbridge.models.translation.inception import InceptionV3

    random = np.random.default_rng(0)
    bounds = {"bn.weight": (0.5, 1.5), "bn.bias": (-0.3, 0.3), "running_mean": (-0.5, 0.5), "running_var": (0.5, 2)}
    weights = {}
    with torch.device("meta"):
        expected = InceptionV3().state_dict()
    for name, tensor in expected.items():
        if name.endswith("num_batches_tracked"):
            continue
        widest = (6 / max(tensor[0].numel(), 1)) ** 0.5
        low, high = next((each for end, each in bounds.items() if name.endswith(end)), (-widest, widest))
        values = random.uniform(low, high, tuple(tensor.shape)).astype(np.float32)
        weights[name] = torch.from_numpy(values)
    return weights


def write_weights(path, **others):
    """Write the weights in fp16, and other tensors, as published files have them; return the path."""
    import torch
    from safetensors.torch import save_file

    classifier = {"fc.bias": torch.zeros(1000), "AuxLogits.fc.bias": torch.zeros(1000)}
    tensors = {name: tensor.half() for name, tensor in random_weights().items()}
    save_file({**tensors, **classifier, **others}, path, {"format": "pt"})
    return str(path)
