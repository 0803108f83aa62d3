"""What is exported of a bundle: its net with named inputs and outputs, the action among them, and what they mean."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor, nn

from slm_net import __version__
from slm_net.bundle.acting import CRITICS, Form, bounds_of, forms_of, in_space
from slm_net.bundle.observing import Input, Observer
from slm_net.distributions import likeliest, pdtype_of, policy_parts
from slm_net.net_types.base import size
from slm_net.nets.q import ImageAndAction, QMLPNet
from slm_net.nets.recurrent import RecurrentNet
from slm_net.spaces.values import Action, Observation
from slm_net.text.mapping import plain
from slm_net.training.amp import without_autocast
from slm_net.training.ranks import bare

if TYPE_CHECKING:
    from slm_net.bundle.net_bundle import NetBundle

#: What the outputs are called of nets that do not act.
VALUES = {"q": "q_values", "soft-q": "q_values", "value": "value"}
#: The observations of a batch that a net is traced with; one would be taken for a size that never changes.
TRACED = 2


class Port(NamedTuple):
    """An input: its name, what the net calls it, the shape of a sample, the dtype, and what is known of it."""

    name: str
    key: Any
    shape: tuple[int, ...]
    dtype: torch.dtype = torch.float32
    input: Input | None = None


class Deployed(nn.Module):
    """A copy of a bundle's net, in float32 and evaluation mode on the CPU, from named inputs to named outputs.

    Inputs are what `bundle.observe` gives. A recurrent net takes one observation and a state, and gives the next state;
    with `sequence`, and if it cannot step, it takes a whole sequence and no state.

    Raises:
        ValueError: there are no weights here, the inputs have no shapes, or the outputs are not those of the actions.
    """

    pack: Callable[[dict[Any, Tensor]], tuple[Any, ...]]
    ports: tuple[Port, ...]

    def __init__(self, bundle: NetBundle, sequence: bool = False):
        super().__init__()
        net = bare(bundle.model)
        _refuse(bundle, net, sequence)
        self.net = without_autocast(deepcopy(net)).to("cpu", torch.float32).requires_grad_(False).eval()
        self.action, self.pdtype, self.gives = bundle.action, bundle.action_pdtype, bundle.gives
        self.steps = False
        if isinstance(net, (QMLPNet, ImageAndAction)):
            self.pack, self.ports = _in_order, tuple(_pair(bundle.in_dim))
        else:
            observer = Observer(net, bundle.in_dim, bundle.observation, bundle.device)
            self.steps = observer.can_step and not sequence
            is_pair = self.gives == "soft-q" and bundle.out_dim == 1
            self.pack, self.ports = _packing(observer), tuple(_observed(observer, self.steps, is_pair))
        acts = self.action if self.gives not in CRITICS else None
        self.forms = forms_of(acts, self.pdtype) if acts else ()
        self._free_names()

    def _free_names(self) -> None:
        """Inputs that would have the name of an output get another."""
        taken = self(self.example())
        self.ports = tuple(
            port._replace(name=f"observation.{port.name}") if port.name in taken else port for port in self.ports
        )

    def forward(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """The outputs by name for the inputs by name, each a batch."""
        xs = {port.key: inputs[port.name] for port in self.ports}
        if not self.steps:
            return self.named(self.net(*self.pack(xs)))
        before = tuple(inputs[name] for name in self.states)
        (x,) = xs.values()
        outputs, after = self.net(x[:, None], before if len(before) > 1 else before[0], return_hidden=True)
        parts = after if isinstance(after, tuple) else (after,)
        return self.named(outputs) | {f"next_{name}": one for name, one in zip(self.states, parts, strict=True)}

    def named(self, outputs: Any) -> dict[str, Tensor]:
        """The outputs of the net by what they are, and the likeliest action."""
        if not self.forms:
            return dict(_spread(_called(self.gives, outputs), outputs))
        parts = policy_parts(outputs, self.action)
        found = parts._asdict()
        if self.gives == "q":
            found["q_values"] = found.pop("logits")
        chosen = in_space(likeliest(outputs, self.action, self.pdtype), self.forms)
        named = {name: one for key, value in found.items() if value is not None for name, one in _spread(key, value)}
        return named | {_action_name(form): one for form, one in zip(self.forms, chosen, strict=True)}

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the parts of the state, which are those of torch's GRU, RNN and LSTM."""
        if not self.steps:
            return ()
        return ("state_h", "state_c") if isinstance(self.net.rnn_model, nn.LSTM) else ("state_h",)

    @property
    def state_shape(self) -> tuple[int, int]:
        """Layers and width of a part of the state; the batch stands between them."""
        cells: Any = self.net.rnn_model
        return cells.num_layers, cells.hidden_size

    def example(self, batch: int = TRACED) -> dict[str, Tensor]:
        """Inputs of zeros."""
        found = {port.name: torch.zeros(batch, *port.shape, dtype=port.dtype) for port in self.ports}
        for name in self.states:
            layers, width = self.state_shape
            found[name] = torch.zeros(layers, batch, width)
        return found

    def batch_axes(self) -> dict[str, int]:
        """Where the batch stands in each input."""
        return {port.name: 0 for port in self.ports} | dict.fromkeys(self.states, 1)


def _refuse(bundle: NetBundle, net: nn.Module, sequence: bool) -> None:
    if any(parameter.is_meta for parameter in net.parameters()):
        raise ValueError("a net on the meta device has no weights to export: build it on another")
    if bundle.ranks.sharded:
        raise ValueError("parts of this net lie in other processes: save it, and export what slm_net.load gives")
    if not all(bool(parameter.isfinite().all()) for parameter in net.parameters()):
        raise ValueError("the net has weights that are not finite: export an earlier one")
    if sequence and not isinstance(net, RecurrentNet):
        raise ValueError(f"sequence= is for recurrent nets: {type(net).__name__} takes no sequences step by step")


def _pair(in_dim: Any) -> Iterator[Port]:
    for name, sizes in zip(("state", "action"), in_dim, strict=True):
        yield Port(name, name, (sizes,) if size(sizes) else tuple(sizes))


def _packing(observer: Observer) -> Callable[[dict[Any, Tensor]], tuple[Any, ...]]:
    """How a net takes its inputs: one alone, several by name, or several in a list."""
    if observer.is_alone:
        return _in_order
    return _by_name if isinstance(observer.in_dim, Mapping) else _listed


def _in_order(xs: dict[Any, Tensor]) -> tuple[Any, ...]:
    return tuple(xs.values())


def _by_name(xs: dict[Any, Tensor]) -> tuple[Any, ...]:
    return (xs,)


def _listed(xs: dict[Any, Tensor]) -> tuple[Any, ...]:
    return (list(xs.values()),)


def _observed(observer: Observer, steps: bool, is_pair: bool) -> Iterator[Port]:
    """The inputs of a net that observes; one of `is_pair` has the state and the action in one vector."""
    names = _names_of(observer)
    for name, (key, one) in zip(names, observer.inputs.items(), strict=True):
        is_bytes = one.seen is not None and one.seen.dtype == "uint8" and not one.seen.one_hot
        dtype = torch.uint8 if is_bytes else torch.float32
        own = "state_action" if is_pair and observer.is_alone else name
        yield Port(own, key, one.shape[1:] if steps else one.shape, dtype, one)


def _names_of(observer: Observer) -> list[str]:
    """What inputs are called: as in the observation of the environment, as in the graph, or by their number."""
    if observer.is_alone:
        return ["observation"]
    if isinstance(observer.in_dim, Mapping):
        return list(map(str, observer.inputs))
    names = [".".join(map(str, observer.paths[key])) for key in observer.inputs]
    are_names = all(isinstance(path[0], str) for path in observer.paths.values() if path) and "" not in names
    return names if are_names and len(set(names)) == len(names) else [f"x{index}" for index in range(len(names))]


def _spread(name: str, value: Any) -> Iterator[tuple[str, Tensor]]:
    """A tensor under a name, or each of several."""
    if isinstance(value, Tensor):
        yield name, value
    elif isinstance(value, Mapping):
        yield from ((str(key), one) for key, one in value.items())
    else:
        yield from ((f"{name}{index}", one) for index, one in enumerate(value))


def _called(gives: str, outputs: Any) -> str:
    """What the outputs are called of a net that does not act."""
    is_one = isinstance(outputs, Tensor) and outputs.shape[-1] == 1
    return "q_value" if gives == "soft-q" and is_one else VALUES.get(gives, "output")


def _action_name(form: Form) -> str:
    return ".".join(["action", *map(str, form.path)])


# --- what it all means


def contract(deployed: Deployed, bundle: NetBundle) -> dict[str, Any]:
    """What whoever runs the net has to know of its inputs and outputs, as JSON."""
    spec, own, states = plain(bundle.spec), deployed.action, deployed.states
    seen = {port.name: _seen(port) for port in deployed.ports}
    acts = zip(deployed.forms, own.parts or (own,), strict=True) if own else ()
    return {
        "slm_net": __version__,
        "spec_hash": hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest(),
        "net": type(deployed.net).__name__,
        "gives": deployed.gives,
        "normalize_obs": spec.get("normalize_obs"),
        "inputs": [{**one, **seen.get(one["name"], {})} for one in _tensors(deployed.example(), states)],
        "outputs": list(_tensors(deployed(deployed.example()), [f"next_{name}" for name in states])),
        "state": [{"input": name, "output": f"next_{name}", "initial": 0.0} for name in states],
        "actions": {_action_name(form): _acts(form, one, deployed) for form, one in acts},
    }


def _tensors(named: Mapping[str, Tensor], states: Collection[str]) -> Iterator[dict[str, Any]]:
    """Name, shape and dtype of each; the batch stands first, in a state after the layers."""
    for name, one in named.items():
        shape: list[Any] = list(one.shape)
        shape[1 if name in states else 0] = "batch"
        yield {"name": name, "shape": shape, "dtype": str(one.dtype).removeprefix("torch.")}


def _seen(port: Port) -> dict[str, Any]:
    """What the environment shows at an input, if that is known."""
    if port.input is None or port.input.seen is None:
        return {}
    seen, is_code = port.input.seen, port.input.seen.one_hot
    choices = list(seen.choices or seen.shape) if is_code else []
    shown = {
        "shape": list(seen.integers if is_code else seen.shape),
        "dtype": seen.dtype,
        "path": list(seen.path),
        "channels_last": not is_code and port.input.forms[0].channels_last,
        "one_hot": [{"choices": n, "start": first} for n, first in zip(choices, _starts(seen, choices), strict=True)],
    }
    return {"observation": shown}


def _acts(form: Form, action: Action, deployed: Deployed) -> dict[str, Any]:
    """The actions of one space: how they come of the other outputs, and what they may be."""
    found: dict[str, Any] = {
        "kind": action.kind,
        "path": list(action.path),
        "distribution": None if deployed.gives == "q" else pdtype_of(action, deployed.pdtype),
    }
    if action.kind != "continuous":
        sizes = [2] * action.sizes[0] if action.kind == "multi-binary" else list(action.sizes)
        return found | {"choices": sizes, "start": _starts(action, sizes)}
    low, high = bounds_of(action)
    stretched = form.squashed and form.limits is not None
    scale, offset = (form.limits.half, form.limits.middle) if stretched and form.limits else (None, None)
    return found | {
        "squashing": "tanh" if form.squashed else None,
        "scale": None if scale is None else scale.tolist(),
        "offset": None if offset is None else offset.tolist(),
        "low": low,
        "high": high,
    }


def _starts(space: Action | Observation, choices: Sequence[int]) -> list[int]:
    """What the choices of each count from."""
    return list(space.start or [0] * len(choices))
