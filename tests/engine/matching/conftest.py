"""What several files of engine tests match: pairs with a planted shift, and a model file of tiny networks."""

import pytest
from sarbridge.tests.engine.matching.matching_pairs import plain_pair, turned_pair
from sarbridge.tests.tiny_bundle import write_tiny_bundle


@pytest.fixture(scope="module")
def turned(tmp_path_factory):
    return turned_pair(tmp_path_factory.mktemp("turned"))


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return plain_pair(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return write_tiny_bundle(tmp_path_factory.mktemp("model") / "tiny.safetensors")
