import warnings

import pytest
import torch

from slm_net.training import choose_device
from slm_net.training.device import _warn_without_gpu

HAS_CUDA = torch.cuda.is_available()
HAS_GPU = HAS_CUDA or torch.backends.mps.is_available()


def test_the_argument_wins():
    assert choose_device(gpu=True, cuda_id=0, device="cpu") == torch.device("cpu")
    assert choose_device(gpu=False, device=torch.device("meta")) == torch.device("meta")


def test_false_is_the_cpu():
    assert choose_device(gpu=False, cuda_id=3) == torch.device("cpu")
    assert choose_device() == torch.device("cpu")


@pytest.mark.skipif(HAS_GPU, reason="there is a GPU")
def test_a_missing_gpu_warns_once_and_gives_the_cpu():
    _warn_without_gpu.cache_clear()
    with pytest.warns(RuntimeWarning, match="using the CPU"):
        assert choose_device(gpu=True, cuda_id=1) == torch.device("cpu")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert choose_device(gpu=True) == torch.device("cpu")


@pytest.mark.skipif(HAS_GPU, reason="there is a GPU")
def test_auto_is_silent():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert choose_device(gpu="auto") == torch.device("cpu")


@pytest.mark.skipif(not HAS_CUDA, reason="needs CUDA")
def test_cuda_is_taken_and_its_ids_checked():
    assert choose_device(gpu=True) == choose_device(gpu="auto") == torch.device("cuda", torch.cuda.current_device())
    for bad in (-1, torch.cuda.device_count(), 1000):
        with pytest.raises(ValueError, match=f"no CUDA device {bad}"):
            choose_device(gpu=True, cuda_id=bad)


@pytest.mark.parametrize(
    ("device", "hint"), [("gpu", "did you mean 'cuda'"), ("CPU", "did you mean 'cpu'"), ("cpu:x", "'x' is no index")]
)
def test_an_unknown_device_says_what_to_write(device, hint):
    with pytest.raises(ValueError, match=hint):
        choose_device(device=device)


@pytest.mark.skipif(HAS_CUDA, reason="there is CUDA")
@pytest.mark.parametrize("device", ["cuda", "cuda:0"])
def test_a_device_that_is_not_there_is_an_error_when_asked_for_by_name(device):
    with pytest.raises(ValueError, match="no CUDA device is there"):
        choose_device(device=device)


@pytest.mark.parametrize("device", [3.5, [], {}, True, -1, 2**70, object(), "", " "])
def test_what_is_no_device_at_all(device):
    with pytest.raises(ValueError, match=r"no device .*: write its name, for example 'cpu' or 'cuda:1'"):
        choose_device(device=device)


@pytest.mark.parametrize("device", ["cuda:x", "cuda:", "cuda:-1", "cuda:99999999999999", "cuda:0:0"])
def test_what_is_no_index(device):
    with pytest.raises(ValueError, match=f"no device '{device}': '{device[5:]}' is no index"):
        choose_device(device=device)


@pytest.mark.parametrize("device", ["hpu", "xla", "vulkan", "privateuseone", "ideep"])
def test_devices_that_torch_knows_and_has_not(device):
    with pytest.raises(ValueError, match=f"no device '{device}': this machine or this torch has none"):
        choose_device(device=device)


@pytest.mark.parametrize("gpu", ["false", "true", None, 2])
def test_gpu_is_a_boolean_or_auto(gpu):
    with pytest.raises(ValueError, match="gpu must be true, false or 'auto'"):
        choose_device(gpu=gpu)
