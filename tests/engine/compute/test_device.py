"""Choice of the device, and batches that do not fit into its memory."""

import subprocess
from contextlib import nullcontext
from pathlib import Path

import pytest
import torch
from sarbridge.contract.errors import UserError
from sarbridge.engine.compute.device import choose_device, halve_on_out_of_memory, reduced_precision, supports_bf16
from sarbridge.engine.reporting import NullReporter, Reporter


def test_the_choice_and_its_reason_are_logged():
    sent = []
    device = choose_device("cpu", Reporter(sent.append))
    assert device == torch.device("cpu")
    assert sent == [{"kind": "message", "level": "info", "text": "Device: cpu (as asked)."}]


def test_auto_takes_the_gpu_when_there_is_one():
    device = choose_device("auto", NullReporter())
    has_gpu = torch.cuda.is_available() or torch.backends.mps.is_available()
    assert (device.type != "cpu") == has_gpu
    assert torch.ones(3, device=device).sum().item() == 3


@pytest.mark.parametrize("text", ["cuda:64", "gpu", "", "CPU", "cuda:", "cuda:-1", "cpu:1"])
def test_a_device_that_does_not_exist_is_the_users_error(text):
    with pytest.raises(UserError, match=f"'{text}'.*choose auto"):
        choose_device(text, NullReporter())


def test_two_gpus(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: f"GPU {index}")
    sent = []
    for text, expected in (("auto", "cuda:0"), ("cuda", "cuda:0"), ("cuda:1", "cuda:1")):
        assert choose_device(text, Reporter(sent.append)) == torch.device(expected)
    assert sent[-1]["text"] == "Device: cuda:1 (as asked: GPU 1)."
    with pytest.raises(UserError, match="finds 2 CUDA GPUs"):
        choose_device("cuda:2", NullReporter())


@pytest.mark.skipif(not Path("/proc/cpuinfo").exists(), reason="reads the processor's flags from Linux")
@pytest.mark.skipif(not hasattr(torch.cpu, "get_capabilities"), reason="this torch does not know what the CPU can do")
def test_bf16_of_the_cpu_as_linux_sees_it():
    flags = subprocess.run(["cat", "/proc/cpuinfo"], capture_output=True, text=True, check=True).stdout.split()
    assert supports_bf16(torch.device("cpu")) == bool({"avx512_bf16", "amx_bf16"} & set(flags))


@pytest.mark.parametrize("capability, expected", [((7, 5), False), ((8, 0), True), ((9, 0), True)])
def test_bf16_of_gpus(monkeypatch, capability, expected):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert supports_bf16(torch.device("cuda", 0)) is expected


def test_networks_run_in_bf16_on_this_cpu_where_that_is_fast():
    with reduced_precision(torch.device("cpu")):
        result = torch.nn.functional.conv2d(torch.ones(1, 1, 8, 8), torch.ones(1, 1, 3, 3))
    assert result.dtype == (torch.bfloat16 if supports_bf16(torch.device("cpu")) else torch.float32)


@pytest.mark.filterwarnings("ignore:.*CUDA is not available")
@pytest.mark.parametrize("capability, dtype", [((7, 5), torch.float16), ((8, 0), torch.bfloat16)])
def test_half_precision_of_gpus(monkeypatch, capability, dtype):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)
    context = reduced_precision(torch.device("cuda", 0))
    assert (context.device, context.fast_dtype) == ("cuda", dtype)


def test_full_precision_on_macs():
    assert isinstance(reduced_precision(torch.device("mps")), nullcontext)


CUDA_ERROR = torch.OutOfMemoryError("CUDA out of memory")
MPS_ERROR = RuntimeError("MPS backend out of memory (MPS allocated: 8.9 GB, max allowed: 9.1 GB)")


class SmallMemory:
    """Doubles what it is given, up to `limit` items at a time."""

    def __init__(self, limit, error=CUDA_ERROR):
        self.limit = limit
        self.error = error
        self.batches = []

    def __call__(self, items):
        if len(items) > self.limit:
            raise self.error
        self.batches.append(len(items))
        return items * 2


@pytest.mark.parametrize("error", [CUDA_ERROR, MPS_ERROR])
def test_the_batch_is_halved_and_the_work_goes_on(error):
    run, sent = SmallMemory(5, error), []
    in_batches = halve_on_out_of_memory(run, batch_size=16, reporter=Reporter(sent.append))
    items = torch.arange(21)
    assert torch.equal(torch.cat(in_batches(items)), 2 * items)
    assert run.batches == [4, 4, 4, 4, 4, 1]
    assert [message["text"].split(" for ")[1] for message in sent] == [
        "16 windows at a time: going on with 8.",
        "8 windows at a time: going on with 4.",
    ]
    in_batches(items[:8])
    assert run.batches[6:] == [4, 4], "the size that fits is remembered"
    assert len(sent) == 2


def test_a_last_batch_that_fails_is_halved_itself():
    run = SmallMemory(limit=2)
    in_batches = halve_on_out_of_memory(run, batch_size=16, reporter=NullReporter())
    assert torch.equal(torch.cat(in_batches(torch.arange(3))), 2 * torch.arange(3))
    assert run.batches == [1, 1, 1]


def test_no_items_no_batches():
    assert halve_on_out_of_memory(SmallMemory(limit=1), 4, NullReporter())(torch.empty(0)) == []


def test_a_single_item_that_does_not_fit_is_the_users_error():
    for item in ("window", "strip"):
        with pytest.raises(UserError, match=f"too small for a single {item}: .*choose the device cpu"):
            halve_on_out_of_memory(SmallMemory(limit=0), 4, NullReporter(), item)(torch.arange(4))


def test_other_errors_pass():
    def run(items):
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        halve_on_out_of_memory(run, 4, NullReporter())(torch.arange(4))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
def test_a_real_gpu_runs_out_of_memory_and_goes_on():
    total = torch.cuda.get_device_properties(0).total_memory

    def run(items):  # an item takes a fifth of the memory
        memory = torch.empty(len(items), total // 5, dtype=torch.uint8, device="cuda")
        return memory.shape[0]

    assert sum(halve_on_out_of_memory(run, 8, NullReporter())(torch.arange(8))) == 8
