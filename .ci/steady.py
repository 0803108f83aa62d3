"""Cut the recorded losses of files of cases after the last one that does not hang on a processor's rounding.

    python .ci/steady.py nets.jsonl ... > steady.jsonl

Where a gradient is zero but for rounding (a bias in front of a batch norm), Adam makes a full step of its sign, and the
loss after it is another one on every processor, for SLM Lab's own classes too. Such a case is trained again in double
precision, and from weights that differ in the last bits; what this moves by more than a quarter of the comparison's
tolerance is left out. Of an arc, whose weights after a step are recorded too, the training is left out if double
precision gives another gradient. Weights, outputs, random numbers and the losses before are compared for every case.
"""

import copy
import importlib
import json
import math
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
TOLERANCE, BITS, DISTURBED = 2.5e-5, 4, range(1, 9)


def signal(shape: Sequence[int], k: int, dtype: torch.dtype) -> torch.Tensor:
    wave = torch.sin(torch.arange(math.prod(shape), dtype=torch.float64) * 0.7 + k) * 0.5 + 0.1
    return wave.to(torch.float32).to(dtype).reshape(shape)


def inputs(net: dict[str, Any], in_dim: Any, dtype: torch.dtype) -> list[Any]:
    """A batch of 4: one tensor, two for the nets of a state and an action, a list of them for Hydra."""
    several = net["type"] in ("HydraMLPNet", "QMLPNet", "QConvNet", "FiLMQConvNet")
    shapes = [size if isinstance(size, list) else [size] for size in (in_dim if several else [in_dim])]
    each = [signal((4, *shape), k, dtype) for k, shape in enumerate(shapes)]
    return [each] if net["type"] == "HydraMLPNet" else each


def losses(case: dict[str, Any], disturbed: int = 0, dtype: torch.dtype = torch.float32) -> list[float]:
    lab = importlib.import_module(f"slm_net.slm_lab.{case['version']}")
    torch.manual_seed(case["seed"])
    arguments = [copy.deepcopy(case[key]) for key in ("net", "in_dim", "out_dim")]
    net = getattr(lab.net, case["net"]["type"])(*arguments).to(dtype)
    optim = lab.net_util.get_optim(net, net.optim_spec)
    torch.manual_seed(disturbed)
    with torch.no_grad():
        for parameter in net.parameters() if disturbed else ():
            parameter.mul_(1 + torch.randint(-BITS, BITS + 1, parameter.shape) * torch.finfo(dtype).eps)
    xs, found = inputs(case["net"], case["in_dim"], dtype), []
    for _ in case["train"]["losses"]:
        ys = net(*xs)
        ys = ys if isinstance(ys, list) else [ys]
        loss = sum(net.loss_fn(y, signal(y.shape, 10 + k, dtype)) for k, y in enumerate(ys))
        net.train_step(loss, optim)
        found.append(loss.item())
    return found


def steady(case: dict[str, Any]) -> int:
    """How many of the losses stand still whatever the last bits do."""
    plain = losses(case)
    others = [losses(case, dtype=torch.float64), *(losses(case, disturbed) for disturbed in DISTURBED)]
    for step, loss in enumerate(plain):
        if any(abs(other[step] - loss) > TOLERANCE * max(1e-3, abs(loss)) for other in others):
            return step
    return len(plain)


def gradients(case: dict[str, Any], dtype: torch.dtype) -> torch.Tensor:
    """The gradients of the first step of an arc's training."""
    torch.manual_seed(case["seed"])
    if case["kind"] == "net":
        lab = importlib.import_module("slm_net.slm_lab.v5.net")
        net = lab.TorchArcNet(*(copy.deepcopy(case[key]) for key in ("net", "in_dim", "out_dim"))).to(dtype)
        dim = case["in_dim"]
        given, loss_fn = {"": {"shape": [4, *(dim if isinstance(dim, list) else [dim])]}}, net.loss_fn
    else:
        net = importlib.import_module("slm_net.nets.arc").build_arc(case["arc"], case["inputs"]).to(dtype)
        given, loss_fn = case["inputs"], torch.nn.functional.mse_loss
    xs = {name: tensor(size, k, dtype) for k, (name, size) in enumerate(given.items())}
    ys = leaves(net(**xs) if case["kind"] == "graph" else net(*xs.values()))
    losses = [loss_fn(y, signal(y.shape, 10 + k, dtype)) for k, y in enumerate(ys) if y.requires_grad]
    torch.stack(losses).sum().backward()
    found = [parameter.grad for parameter in net.parameters() if parameter.grad is not None]
    return torch.cat([gradient.flatten() for gradient in found]).double()


def tensor(size: dict[str, Any], k: int, dtype: torch.dtype) -> torch.Tensor:
    if size.get("dtype") == "int64":
        return ((torch.arange(math.prod(size["shape"])) * 7 + 3 * k) % size["high"]).reshape(size["shape"])
    return signal(size["shape"], k, dtype)


def leaves(y: Any) -> list[torch.Tensor]:
    if isinstance(y, torch.Tensor):
        return [y]
    return [leaf for part in (y.values() if isinstance(y, dict) else y) for leaf in leaves(part)]


def arc_is_steady(case: dict[str, Any]) -> bool:
    """Whether no gradient of an arc is rounding alone."""
    single, double = gradients(case, torch.float32), gradients(case, torch.float64)
    return bool(((single - double).abs() <= 0.1 * double.abs()).all())


def main() -> None:
    lines = (line for name in sys.argv[1:] for line in Path(name).read_text(encoding="utf-8").splitlines())
    for case in map(json.loads, lines):
        if "kind" in case:
            if case["train"] and not arc_is_steady(case):
                case["train"] = None
                print(f"{case['id']}: its training is not compared", file=sys.stderr)
            print(json.dumps(case))
            continue
        recorded = case["train"]["losses"]
        case["train"]["losses"] = recorded[: max(1, steady(case))]
        if case["train"]["losses"] != recorded:
            counted = f"{len(case['train']['losses'])} of {len(recorded)} losses are compared"
            print(f"{case['version']} {case['id']}: {counted}", file=sys.stderr)
        print(json.dumps(case))


if __name__ == "__main__":
    main()
