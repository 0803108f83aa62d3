import inspect

import pytest
import torch
from torch import nn

from slm_net.registry import RegistryError
from slm_net.training import LOSSES, build_loss

LEFT_OUT = {
    "AdaptiveLogSoftmaxWithLoss": "a layer with weights of its own",
    "LinearCrossEntropyLoss": "a layer with weights of its own",
    "CTCLoss": "needs the lengths of both sequences",
    "CosineEmbeddingLoss": "needs three tensors",
    "GaussianNLLLoss": "needs three tensors",
    "MarginRankingLoss": "needs three tensors",
    "TripletMarginLoss": "needs three tensors",
    "TripletMarginWithDistanceLoss": "needs three tensors and a function",
}
CLASSES = torch.tensor([0, 2, 1, 2])
ONE_OF_THREE = nn.functional.one_hot(CLASSES, 3).float()
TARGETS = {
    "CrossEntropyLoss": CLASSES,
    "NLLLoss": CLASSES,
    "MultiMarginLoss": CLASSES,
    "MultiLabelMarginLoss": torch.tensor([[0, -1, 0], [1, 2, -1], [2, -1, 0], [0, 1, 2]]),
    "HingeEmbeddingLoss": 2 * ONE_OF_THREE - 1,
    "SoftMarginLoss": 2 * ONE_OF_THREE - 1,
}


def test_every_torch_loss_is_registered_or_left_out_for_a_reason():
    names = {name for name, entry in inspect.getmembers(nn, inspect.isclass) if name.endswith("Loss")}
    assert names - set(LEFT_OUT) == set(LOSSES)


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")  # torch's advice on KLDivLoss
@pytest.mark.parametrize("name", LOSSES.names())
def test_each_loss_is_torchs_and_has_a_gradient(name):
    torch.manual_seed(0)
    raw = torch.randn(4, 3, requires_grad=True)
    output = raw.sigmoid() if name == "BCELoss" else raw
    target = TARGETS.get(name, ONE_OF_THREE)
    loss = build_loss({"name": name})(output, target)
    assert torch.equal(loss, LOSSES[name]()(output, target))
    loss.backward()
    assert raw.grad is not None
    assert torch.isfinite(raw.grad).all()


def test_arguments_are_passed_on():
    output, target = torch.tensor([0.0, 3.0]), torch.tensor([1.0, 0.0])
    assert build_loss({"name": "SmoothL1Loss", "beta": 2.0, "reduction": "sum"})(output, target).item() == 2.25


@pytest.mark.parametrize(
    ("spec", "target"),
    [
        ({"name": "CrossEntropyLoss", "weight": [1, 2, 0.5]}, CLASSES),
        ({"name": "BCEWithLogitsLoss", "pos_weight": [1, 2, 0.5]}, ONE_OF_THREE),
    ],
)
def test_a_list_becomes_a_tensor_that_moves_with_the_loss(spec, target):
    loss_fn = build_loss(spec)
    key = next(key for key in spec if key != "name")
    assert torch.equal(dict(loss_fn.named_buffers())[key], torch.tensor([1, 2, 0.5]))
    assert torch.isfinite(loss_fn(torch.randn(4, 3), target))


def test_an_unknown_loss_names_the_nearest():
    with pytest.raises(RegistryError, match="MSELoss"):
        build_loss({"name": "MSEloss"})
    with pytest.raises(RegistryError):
        build_loss({"name": "relu"})
