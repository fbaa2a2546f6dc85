"""How well classifiers tell simulated tiles from real ones: an accuracy of 0.5 is a guess."""

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage, stats
from torch import nn

SIDE, STEP = 48, 24  # pixels of a patch, and from patch to patch
EPOCHS = 12


def accuracies(real, simulated):
    """Return mean accuracies on tiles of sources that were not trained on.

    real, simulated: lists of `Tile`s. Texture: logistic regression on statistics of patches. Network: three
    convolutions on patches. Both see patches of 2 classes that weigh alike.
    """
    patches, sources, labels = [], [], []
    for label, tiles in enumerate((real, simulated)):
        for tile in tiles:
            found = _patches(tile)
            patches += found
            sources += [tile.source] * len(found)
            labels += [label] * len(found)
    patches = torch.tensor(np.stack(patches), dtype=torch.float32)
    labels = torch.tensor(labels, dtype=torch.float32)
    table = torch.tensor(np.stack([_statistics(patch) for patch in patches.numpy()]), dtype=torch.float32)
    table = ((table - table.mean(0)) / table.std(0).clamp_min(1e-6)).clamp(-4, 4)
    return {
        "classifier on texture": _cross_validated(table, labels, sources, _regression),
        "classifier network": _cross_validated(patches[:, None], labels, sources, _network),
    }


def _patches(tile):
    rows, cols = (range(0, length - SIDE + 1, STEP) for length in tile.image.shape)
    boxes = [(slice(row, row + SIDE), slice(col, col + SIDE)) for row in rows for col in cols]
    return [tile.image[box] for box in boxes if tile.valid[box].all()]


def _statistics(patch):
    """Moments, quantiles, correlations, orientations of gradients and deviations after blurring, of one patch."""
    centred = patch - patch.mean()
    variance = centred.var() + 1e-6
    down, right = np.gradient(ndimage.gaussian_filter(patch, 1.0))
    turned = np.sort(np.histogram(np.arctan2(down, right) % np.pi, 8, (0, np.pi), weights=np.hypot(down, right))[0])
    lags = [(centred[lag:] * centred[:-lag]).mean() / variance for lag in (1, 2, 4, 8)]
    lags += [(centred[:, lag:] * centred[:, :-lag]).mean() / variance for lag in (1, 2, 4, 8)]
    blurred = [ndimage.gaussian_filter(patch, sigma).std() for sigma in (1, 2, 4)]
    numbers = [patch.mean(), variance**0.5, stats.skew(patch.ravel()), stats.kurtosis(patch.ravel())]
    quantiles = np.quantile(centred, (0.01, 0.1, 0.9, 0.99)) / variance**0.5
    return [*numbers, *quantiles, *lags, *blurred, *(turned / (turned.sum() + 1e-9))]


def _cross_validated(inputs, labels, sources, made):
    right = []
    for source in sorted(set(sources)):
        held_out = torch.tensor([name == source for name in sources])
        torch.manual_seed(0)
        model = made(inputs.shape[1])
        _fit(model, inputs[~held_out], labels[~held_out])
        with torch.inference_mode():
            answers = (model.eval()(inputs[held_out])[:, 0] > 0).float() == labels[held_out]
        right.append(answers.float())
    return float(torch.cat(right).mean())


def _regression(width):
    return nn.Linear(width, 1)


def _network(channels):
    layers = []
    for before, after in ((channels, 16), (16, 32), (32, 32)):
        layers += [nn.Conv2d(before, after, 3, stride=2), nn.BatchNorm2d(after), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.3), nn.Linear(32, 1))


def _fit(model, inputs, labels):
    optimiser = torch.optim.AdamW(model.parameters(), 3e-3, weight_decay=1e-2)
    for _ in range(EPOCHS):
        model.train()
        for chosen in torch.randperm(len(labels)).split(32):
            batch = inputs[chosen]
            if batch.ndim == 4 and torch.rand(()) < 0.5:
                batch = batch.flip(-1)
            loss = F.binary_cross_entropy_with_logits(model(batch)[:, 0], labels[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
