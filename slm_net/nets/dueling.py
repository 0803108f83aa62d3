"""Dueling nets: the value of the state and the advantage of each action, put together to Q-values."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from slm_net.nets.activations import make_activation
from slm_net.nets.base import NETS, NetSpec, ValueNet
from slm_net.nets.conv import ConvNet
from slm_net.nets.mlp import dense_body
from slm_net.nets.parts import Layers, plan_tails, size_of
from slm_net.nets.recurrent import RecurrentNet


class Dueling(ValueNet):
    """The two tails of a dueling net, to be put on any body (Wang et al. 2016, https://arxiv.org/abs/1511.06581).

    `v` is the value, `adv` the advantages; `model_tails` holds both again, as in SLM Lab, whose checkpoints have both
    names. `init_fn` therefore visits them twice and draws twice. `out_layer_activation` acts on the Q-values.
    """

    v: nn.Linear
    adv: nn.Linear

    def finish(self, spec: NetSpec, width: int) -> None:
        """Put both tails on a body of `width` features and initialise everything.

        Raises:
            ValueError: `out_dim` is a list, or a key of the spec does not fit this net.
        """
        self.check_values(spec)
        plan = plan_tails(self.out_dim, spec["out_layer_activation"], None)
        vars(self).update(features_dim=width)
        self.v = nn.Linear(width, 1)
        self.adv = nn.Linear(width, plan.widths[0])
        self.model_tails = nn.ModuleList([self.v, self.adv])
        self.out_activation = Layers(*filter(None, [make_activation(plan.activations[0])]))
        self.initialise(spec, plan, [self.v, self.adv])

    def outputs(self, features: Tensor) -> Tensor:
        """The Q-values `(batch, out_dim)`: the value plus the advantages, which are taken relative to their mean."""
        v, adv, out_activation = (self._modules[name] for name in ("v", "adv", "out_activation"))
        advantages = adv(features)
        return out_activation(v(features) + advantages - advantages.mean(dim=-1, keepdim=True))


@NETS.register("DuelingMLPNet")
class DuelingMLPNet(Dueling):
    """Dense layers, then the value and the advantages; `in_dim` is the length of an observation, `out_dim` an int.

    Raises:
        ValueError: the dims, or keys of the spec among themselves, do not fit.
    """

    def __init__(self, spec: NetSpec, in_dim: Any, out_dim: Any):
        super().__init__(size_of(in_dim, "in_dim of DuelingMLPNet"), out_dim)
        self.place_obs_norms(spec, (self.in_dim,))
        self.model_body, width = dense_body(spec, self.in_dim)
        self.finish(spec, width)

    def features(self, x: Tensor) -> Tensor:
        """What leaves the hidden layers for a batch of observations `(batch, in_dim)`.

        Raises:
            ValueError: `x` has another shape.
        """
        x, modules = self.as_vectors(x, self.in_dim), self._modules
        # asked here, as a call costs a small net's pass more than the answer
        return modules["model_body"](self.normalised(x) if "obs_norms" in modules else x)


@NETS.register("DuelingConvNet")
class DuelingConvNet(Dueling, ConvNet):
    """A ConvNet that ends in the value and the advantages; `out_dim` is an int."""


@NETS.register("DuelingRecurrentNet")
class DuelingRecurrentNet(Dueling, RecurrentNet):
    """A RecurrentNet that ends in the value and the advantages; `out_dim` is an int. SLM Lab has no such net."""
