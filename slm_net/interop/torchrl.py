"""Nets as TensorDictModules of torchrl, for its losses and collectors; `train_step` trains what they reach.

Each module has the net with all that trains it as `module.bundle`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributions import Distribution

from slm_net.agents.build import build_nets
from slm_net.agents.nets import AgentNets
from slm_net.bundle import NetBundle
from slm_net.bundle.acting import bounds_of, refuse_to_act
from slm_net.bundle.observing import Input
from slm_net.distributions import PolicyParams, centre_of, distribution_of, pdtype_of
from slm_net.document.specs import SpecSource
from slm_net.extras import require
from slm_net.factory import build_net
from slm_net.nets.q import OfStateAndAction
from slm_net.plan import load_spec
from slm_net.spaces import Action

#: An agent, one of its nets, or a spec of either.
Source = AgentNets | NetBundle | SpecSource
Keys = Sequence[Any]
WHAT = "slm_net.interop.torchrl"


def actor(
    source: Source, *, in_keys: Keys | None = None, out_keys: Keys = ("action",), log_prob: bool = True, **build: Any
) -> Any:
    """The net that acts as a ProbabilisticActor; its distribution is that of `bundle.distribution`.

    It draws; torchrl's `set_exploration_type` takes what `act(deterministic=True)` takes. Discrete actions are
    integers: `GymEnv(..., categorical_action_encoding=True)`.

    Args:
        source: the agent (`build_nets`), the net (`build_net`), or a spec, of which it is built.
        in_keys: what it reads; left out, "observation", or the names of its inputs if it has several.
        out_keys: where the action goes.
        log_prob: write its log probability too, as "action_log_prob".
        build: what `build_nets`, or of a bare net block `build_net`, takes: `env=`, `seed=`, ...

    Raises:
        ValueError: torchrl cannot have such a net; what can be done instead.
        SpecError: the spec is wrong.
        ImportError: torchrl is missing.
    """
    require("torchrl", WHAT)
    from tensordict.nn import InteractionType, TensorDictModule
    from torchrl.modules import ProbabilisticActor

    bundle = _agent_or_net(source, build)
    bundle = bundle.actor if isinstance(bundle, AgentNets) else bundle
    net, action = _Called(bundle, _Policy(bundle)), _checked_action(bundle)
    names = ["loc", "scale"] if action.kind == "continuous" else ["logits"]
    made = ProbabilisticActor(
        TensorDictModule(net, in_keys=list(in_keys or net.default_keys), out_keys=names),
        in_keys=names,
        out_keys=list(out_keys),
        distribution_class=_Actions(action, bundle.action_pdtype),
        return_log_prob=log_prob,
        default_interaction_type=InteractionType.RANDOM,
    )
    return _with(made, bundle)


def critic(source: Source, *, in_keys: Keys | None = None, out_keys: Keys = ("state_value",), **build: Any) -> Any:
    """The value of a state as a ValueOperator: of the agent's critic, or of the net that it shares with the actor.

    Args:
        source, in_keys, build: as for `actor`; a bare net block is built with one output.
        out_keys: where the value goes.

    Raises:
        ValueError: the net gives no value, or torchrl cannot have such a net.
        SpecError: the spec is wrong.
        ImportError: torchrl is missing.
    """
    require("torchrl", WHAT)
    from torchrl.modules import ValueOperator

    bundle = _agent_or_net(source, build, out_dim=1)
    if isinstance(bundle, AgentNets):
        bundle = next((one for one in bundle.values() if one.gives == "value"), bundle.actor)
    net = _Called(bundle, _Value(bundle))
    return _with(ValueOperator(net, in_keys=list(in_keys or net.default_keys), out_keys=list(out_keys)), bundle)


def q_value(source: Source, *, in_keys: Keys | None = None, out_keys: Keys | None = None, **build: Any) -> Any:
    """The values of actions: a ValueOperator of a net of Q(s, a); else one for each, and the best action.

    Args:
        source, build: as for `actor`; of SAC's agent it is the first Q net, `q_values` has all.
        in_keys: what it reads; left out, "observation", and "action" of Q(s, a).
        out_keys: left out, "action", "action_value" and "chosen_action_value", or "state_action_value" of Q(s, a).

    Raises:
        ValueError: the net gives no such values, or torchrl cannot have such a net.
        SpecError: the spec is wrong.
        ImportError: torchrl is missing.
    """
    require("torchrl", WHAT)
    bundle = _agent_or_net(source, build)
    if isinstance(bundle, AgentNets):
        bundle = bundle[_q_names(bundle)[0]]
    return _q_value(bundle, in_keys, out_keys)


def q_values(nets: AgentNets, *, in_keys: Keys | None = None, out_keys: Keys | None = None) -> list[Any]:
    """All Q nets of an agent that are trained, as `q_value` makes them: what SACLoss takes.

    Raises:
        ValueError: the agent has none, or torchrl cannot have such a net.
        ImportError: torchrl is missing.
    """
    require("torchrl", WHAT)
    return [_q_value(nets[name], in_keys, out_keys) for name in _q_names(nets)]


def bind(loss: Any, nets: AgentNets) -> Any:
    """A new loss of torchrl that works with the agent's own parameters, target nets and temperature; returned.

    Losses copy what they compute for several nets at once (SACLoss its Q nets), make target nets and a temperature of
    their own. Here `nets.train_step` trains them all by the spec, and `nets.update_targets` moves the targets, in the
    place of torchrl's optimizers and target updaters. Bind a loss before it is first called, and save the nets.

    Raises:
        ValueError: the loss has no net of this agent, another number of Q nets, or Q nets that keep statistics.
        ImportError: torchrl is missing.
    """
    require("torchrl", WHAT)
    ours, parts = {id(bundle): name for name, bundle in nets.items()}, {}
    for name, _ in loss.named_children():
        part = name.removesuffix("_params")
        module = vars(loss).get(part)  # where torchrl keeps what it calls with its parameters
        if module is not None and id(vars(module).get("bundle")) in ours:
            parts[part] = ours[id(module.bundle)]
    for part, name in parts.items():
        _bind_part(loss, part, name, nets)
    if not parts:
        raise ValueError(f"{type(loss).__name__} has no net of this agent: make it of torchrl.actor(nets), and so on")
    if nets.log_alpha is not None and isinstance(loss._parameters.get("log_alpha"), nn.Parameter):
        loss.log_alpha = nets.log_alpha
        if loss._target_entropy == "auto":
            loss._target_entropy = nets.target_entropy
    return loss


def _bind_part(loss: Any, part: str, name: str, nets: AgentNets) -> None:
    """Put the parameters of a net of the agent, or of all Q nets, and of what follows them, into a loss."""
    module, several = vars(loss)[part], tuple(loss._modules[f"{part}_params"].batch_size)
    names = _q_names(nets) if several else [name]
    if several and several != (len(names),):
        raise ValueError(
            f"{type(loss).__name__} has {several[0]} Q nets, and the agent {len(names)} ({', '.join(names)}): "
            f"give it torchrl.q_values(nets), and num_qvalue_nets={len(names)}"
        )
    if several and any(nets[one].statistics.to_be_finite() for one in names):
        raise ValueError(
            f"{type(loss).__name__} calls {' and '.join(names)} as one module, in which batch norm and normalize_obs "
            "cannot keep the statistics of each: use layer_norm, and normalise observations in the environment"
        )
    place = next(path for path, inner in module.named_modules() if inner is module.bundle.model)
    copies = {source: copy for copy, source in nets.sources.items()}
    for key, own in ((part, names), (f"target_{part}", [copies[one] for one in names if one in copies])):
        if len(own) == len(names) and (several or key != part) and f"{key}_params" in loss._modules:
            delattr(loss, f"{key}_params")
            setattr(loss, f"{key}_params", _parameters([nets[one].model for one in own], place, bool(several)))
    loss._has_update_associated[part] = True  # `nets.update_targets` is what torchrl would miss


def _parameters(models: Sequence[nn.Module], place: str, several: bool) -> Any:
    """The parameters of nets at their place in a module of torchrl; of several a stack that gradients go through."""
    from tensordict import TensorDict

    found = []
    for model in models:
        own = TensorDict.from_module(model)
        for part in reversed(place.split(".")):
            own = TensorDict({part: own})
        found.append(own)
    return TensorDict.lazy_stack(found) if several else found[0]


# --- the net of a source


def _agent_or_net(source: Source, build: Mapping[str, Any], **of_a_block: Any) -> AgentNets | NetBundle:
    """What is built already, or what a spec builds; a bare net block also with what is said `of_a_block`."""
    if isinstance(source, AgentNets | NetBundle):
        if build:
            raise ValueError(f"{', '.join(build)}= is for a spec, and these nets are built already")
        return source
    read = {key: value for key, value in build.items() if key in ("name", "variables", "overrides")}
    if "agent" in load_spec(source, **read):
        return build_nets(source, **build)
    return build_net(source, **{**of_a_block, **build})


def _q_names(nets: AgentNets) -> list[str]:
    """The names of the Q nets that are trained."""
    found = [name for name, net in nets.items() if net.gives in ("q", "soft-q") and name not in nets.sources]
    if not found:
        raise ValueError(f"this {nets.algorithm} agent has no Q nets, it has {', '.join(nets)}")
    return found


def _q_value(bundle: NetBundle, in_keys: Keys | None, out_keys: Keys | None) -> Any:
    from tensordict.nn import TensorDictModule, TensorDictSequential
    from torchrl.modules import QValueModule, ValueOperator

    net = _Called(bundle, _one)
    keys = list(in_keys or net.default_keys)
    if net.is_pair:
        return _with(ValueOperator(net, in_keys=keys, out_keys=list(out_keys or ["state_action_value"])), bundle)
    if not isinstance(bundle.out_dim, int):
        raise ValueError(f"torchrl takes one value for each action, and this net has outputs of {bundle.out_dim}")
    names = list(out_keys or ["action", "action_value", "chosen_action_value"])
    values = TensorDictModule(net, in_keys=keys, out_keys=names[1:2])
    chooses = QValueModule("categorical", action_value_key=names[1], out_keys=names)
    made = TensorDictSequential(values, chooses)
    made.action_space = chooses.action_space  # which DQNLoss asks for
    return _with(made, bundle)


def _with(module: Any, bundle: NetBundle) -> Any:
    module.bundle = bundle
    return module


# --- a net as torchrl calls it: tensors in, with any batch, and tensors out


class _Called(nn.Module):
    """A net that takes tensors with any dimensions before an observation; `give` says what its outputs are.

    Raises:
        ValueError: torchrl cannot have such a net.
    """

    def __init__(self, bundle: NetBundle, give: Callable[[Any], tuple[Tensor, ...]]):
        super().__init__()
        _refuse(bundle)
        net = bundle.module
        self.is_pair = isinstance(net, OfStateAndAction) or (bundle.gives == "soft-q" and bundle.out_dim == 1)
        self.model, self.give = bundle.model, give
        self.take = _Pair(bundle) if self.is_pair else _Observed(bundle)
        self.default_keys = self.take.default_keys

    def forward(self, *inputs: Tensor) -> Any:
        """What the net gives for these inputs, with their batch."""
        ranks = self.take.ranks(inputs)
        batch = inputs[0].shape[: inputs[0].ndim - ranks[0]]
        flat = [x.reshape(math.prod(batch), *x.shape[x.ndim - rank :]) for x, rank in zip(inputs, ranks, strict=True)]
        found = [y.reshape(*batch, *y.shape[1:]) for y in self.give(self.model(*self.take(flat)))]
        return tuple(found) if len(found) > 1 else found[0]


class _Observed:
    """The inputs of a net that is shown what the environment shows."""

    def __init__(self, bundle: NetBundle):
        self.bundle, self.inputs = bundle, bundle.observer.inputs
        alone = bundle.observer.is_alone
        self.default_keys = ["observation"] if alone else list(self.inputs)

    def ranks(self, xs: Sequence[Tensor]) -> list[int]:
        """How many dimensions one observation has, of each input."""
        return [_rank(x, own) for x, own in zip(xs, self.inputs.values(), strict=True)]

    def __call__(self, xs: Sequence[Tensor]) -> tuple[Any, ...]:
        """What the model is called with, for a batch."""
        obs = xs[0] if self.bundle.observer.is_alone else dict(zip(self.inputs, xs, strict=True))
        return (self.bundle.observe(obs),)


class _Pair:
    """The inputs of a net of Q(s, a): a state and an action, in order, by name, or end to end in one vector."""

    default_keys = ("observation", "action")

    def __init__(self, bundle: NetBundle):
        self.in_order, in_dim = isinstance(bundle.module, OfStateAndAction), bundle.in_dim
        self.by_name = isinstance(in_dim, Mapping)
        state = in_dim["state"] if self.by_name else in_dim[0] if self.in_order else in_dim
        self.rank = 1 if isinstance(state, int) else len(state)

    def ranks(self, xs: Sequence[Tensor]) -> list[int]:
        """How many dimensions a state and an action have."""
        return [self.rank, 1]

    def __call__(self, xs: Sequence[Tensor]) -> tuple[Any, ...]:
        """What the model is called with, for a batch."""
        if self.in_order:
            return tuple(xs)
        return (dict(zip(("state", "action"), xs, strict=True)) if self.by_name else torch.cat(tuple(xs), dim=-1),)


def _rank(x: Tensor, own: Input) -> int:
    """The dimensions of one observation in a tensor."""
    for form in own.forms:
        if x.shape[x.ndim - len(form.shape) :] == form.shape:
            return len(form.shape)
    return len(own.seen.integers) if own.seen is not None and own.seen.one_hot else len(own.shape)


def _one(outputs: Tensor) -> tuple[Tensor, ...]:
    return (outputs,)


class _Policy:
    """The parameters of a policy's distribution: `loc` and `scale`, or `logits`, those of several choices together."""

    def __init__(self, bundle: NetBundle):
        self.bundle = bundle

    def __call__(self, outputs: Any) -> tuple[Tensor, ...]:
        found = self.bundle.policy_params(outputs)
        if found.loc is not None:
            return found.loc, found.scale
        return (torch.cat(found.logits, dim=-1) if isinstance(found.logits, list) else found.logits,)


class _Value:
    """The value of a state, of a critic or of an actor that has it as its last output.

    Raises:
        ValueError: the net gives none.
    """

    def __init__(self, bundle: NetBundle):
        self.bundle, out = bundle, bundle.out_dim
        self.shared = bundle.gives == "actor" and isinstance(out, list) and len(out) > 1 and out[-1] == 1
        if not self.shared and out not in (1, [1]):
            raise ValueError(f"this net has outputs of {out}, and none is the value of a state: give the critic's net")

    def __call__(self, outputs: Any) -> tuple[Tensor, ...]:
        if self.shared:
            return (self.bundle.policy_params(outputs).value,)  # type: ignore[return-value]
        return (outputs if isinstance(outputs, Tensor) else outputs[0],)


class _Actions:
    """Makes the distribution of parameters that torchrl has read, with what it is centred on for torchrl's use."""

    def __init__(self, action: Action, pdtype: str):
        self.action, self.pdtype = action, pdtype

    def __call__(self, loc: Any = None, scale: Any = None, logits: Any = None) -> Distribution:
        if self.action.kind == "multi-discrete":
            logits = list(logits.split(list(self.action.sizes), dim=-1))
        params = PolicyParams(loc, scale, logits)
        made: Any = distribution_of(params, self.action, self.pdtype)
        centre = centre_of(params, self.action, self.pdtype)
        made.deterministic_sample = centre.to(logits.dtype) if self.action.kind == "multi-binary" else centre
        return made


# --- what torchrl cannot have


def _refuse(bundle: NetBundle) -> None:
    kind, observer = type(bundle.module).__name__, None
    if bundle.model is not bundle.module:
        raise ValueError(
            "torchrl takes the parameters out of a net, which wrapped ones (DistributedDataParallel, torch.compile) "
            "do not allow: build it without wrap="
        )
    if isinstance(bundle.module, OfStateAndAction):
        return
    observer = bundle.observer
    if observer.recurrent and not observer.shows_windows:
        raise ValueError(
            f"{kind} carries a state from step to step, and torchrl only that of its own LSTMModule and GRUModule: "
            "show the net whole sequences (FrameStackObservation), or train it with bundle.act and train_step"
        )
    if isinstance(bundle.in_dim, list):
        raise ValueError(f"{kind} is shown several environments at once, which no torchrl environment does")


def _checked_action(bundle: NetBundle) -> Action:
    """The actions of a policy, if torchrl's environments take what its distribution gives.

    Raises:
        ValueError: they do not, or the net does not act.
    """
    refuse_to_act(bundle.gives, bundle.action)
    action: Any = bundle.action
    if bundle.gives == "q":
        raise ValueError("this net gives Q-values and has no distribution: use torchrl.q_value")
    if action.parts or action.shape is not None or any(action.start):
        raise ValueError(f"torchrl is given actions as one vector, or as integers from 0, and these are {action}")
    name = pdtype_of(action, bundle.action_pdtype)
    if name == "GumbelSoftmax":
        raise ValueError('GumbelSoftmax draws vectors that no environment takes: write "action_pdtype": "Categorical"')
    ends = [bound for side in bounds_of(action) for bound in side if bound is not None]
    if name == "NormalTanh" and not {-1.0, 1.0} >= {*ends}:
        raise ValueError(
            f"NormalTanh draws actions from -1 to 1, and this environment takes {min(ends):g} to {max(ends):g}: "
            "build the nets for gymnasium.wrappers.RescaleAction(env, -1, 1), and train in it"
        )
    return action
