"""Classical matching: normalised cross-correlation and mutual information at every offset, in the Fourier domain.

Baselines of L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation,
Technische Universität München, 2020 ("Hughes 2020"), §2.2.2 and §5.1.4. Values must be finite.
"""

import torch
from torch import Tensor

from ...models.matching.correlation import box_sum
from .matcher import Matcher

_CONSTANT_TEMPLATE = 1e-10
_CONSTANT_WINDOW = 1e-6
"""Shares of the energy below which single precision cannot tell variation from rounding: counted as constant."""


class NccMatcher(Matcher):
    """Normalised cross-correlation of the grey values themselves."""

    def describe(self, sar: Tensor, optical: Tensor) -> tuple[Tensor, Tensor]:
        return sar[None], optical[None]

    def heat(self, templates: Tensor, searches: Tensor) -> Tensor:
        return ncc_heat(templates[:, 0], searches[:, 0])

    def score(self, height: Tensor) -> Tensor:
        return height.clamp(0, 1)


class MutualInformationMatcher(Matcher):
    """Mutual information of the grey values."""

    def describe(self, sar: Tensor, optical: Tensor) -> tuple[Tensor, Tensor]:
        return sar[None], optical[None]

    def heat(self, templates: Tensor, searches: Tensor) -> Tensor:
        return mutual_information_heat(templates[:, 0], searches[:, 0])

    def score(self, height: Tensor) -> Tensor:
        # What |r| would be for Gaussian images: the informational coefficient of correlation of E. H. Linfoot, "An
        # Informational Measure of Correlation", Information and Control 1 (1957).
        return (1 - (-2 * height.clamp_min(0)).exp()).sqrt()


def ncc_heat(templates: Tensor, searches: Tensor) -> Tensor:
    """Zero-mean normalised cross-correlation of templates [N, h, w] with searches [N, H, W] -> [N, H-h+1, W-w+1].

    Index (0, 0) is the template laid over the search window's upper left corner. Values lie in -1..1; they are 0 where
    the template or the part of the search window under it is constant.
    """
    h, w = templates.shape[-2:]
    template_mean = templates.mean((1, 2), keepdim=True)
    centred = templates - template_mean
    search = searches - searches.mean((1, 2), keepdim=True)
    product = _correlate(_spectrum(centred, search.shape), _spectrum(search, search.shape), search.shape, (h, w))
    template_energy = centred.square().sum((1, 2), keepdim=True)
    window_energy = box_sum(search.square(), h, w) - box_sum(search, h, w).square() / (h * w)
    varies = (template_energy > _CONSTANT_TEMPLATE * templates.square().sum((1, 2), keepdim=True)) & (
        window_energy > _CONSTANT_WINDOW * search.square().sum((1, 2), keepdim=True)
    )
    energy = torch.where(varies, template_energy * window_energy, 1.0)
    return torch.where(varies, product / energy.sqrt(), 0.0).clamp(-1, 1)


def mutual_information_heat(templates: Tensor, searches: Tensor, bins: int = 16) -> Tensor:
    """Mutual information in nats of templates [N, h, w] and the searches [N, H, W] under them -> [N, H-h+1, W-w+1].

    Grey values are sorted into equal bins between each image's own minimum and maximum. The joint histogram at every
    offset is exact: one Fourier correlation of indicator maps per pair of bins, rounded to whole counts. Memory is that
    of the 2 x bins spectra, whatever the number of pairs.
    """
    h, w = templates.shape[-2:]
    shape = searches.shape
    template_bins, search_bins = _binned(templates, bins), _binned(searches, bins)
    search_maps = [(search_bins == b).float() for b in range(bins)]
    search_spectra = [_spectrum(indicator, shape) for indicator in search_maps]
    information = -sum(_p_log_p(box_sum(indicator, h, w), h * w) for indicator in search_maps)
    for a in range(bins):
        template_map = (template_bins == a).float()
        information -= _p_log_p(template_map.sum((1, 2), keepdim=True), h * w)
        spectrum = _spectrum(template_map, shape)
        for search_spectrum in search_spectra:
            information += _p_log_p(_correlate(spectrum, search_spectrum, shape, (h, w)), h * w)
    return information.clamp_min(0)


def _spectrum(images: Tensor, shape: torch.Size) -> Tensor:
    return torch.fft.rfft2(images, s=shape[-2:])


def _correlate(
    template_spectrum: Tensor, search_spectrum: Tensor, search_shape: torch.Size, template_shape: tuple[int, int]
) -> Tensor:
    """Correlate at the valid offsets, where the circular transform of the search window's size does not wrap around."""
    height, width = search_shape[-2:]
    product = torch.fft.irfft2(search_spectrum * template_spectrum.conj(), s=(height, width))
    return product[:, : height - template_shape[0] + 1, : width - template_shape[1] + 1]


def _binned(images: Tensor, bins: int) -> Tensor:
    low, high = images.amin((1, 2), keepdim=True), images.amax((1, 2), keepdim=True)
    width = torch.where(high > low, (high - low) / bins, 1.0)
    return ((images - low) / width).long().clamp(0, bins - 1)


def _p_log_p(counts: Tensor, total: int) -> Tensor:
    share = counts.round() / total
    return torch.xlogy(share, share)
