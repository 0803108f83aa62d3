"""Q(s, a): nets that take a state and an action and return the value of the pair."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from slm_net.net_types.conv import RANKS
from slm_net.nets.activations import ActivationSpec
from slm_net.nets.base import NETS, NetSpec, ValueNet
from slm_net.nets.conv import Convolutional
from slm_net.nets.mlp import dense_body
from slm_net.nets.parts import Outputs, dense_stack, size_of, sizes_of


class OfStateAndAction(ValueNet):
    """A net of a state and an action."""

    def forward(self, state: Tensor, action: Tensor | None = None) -> Outputs:
        """Values `(batch, out_dim)` of states `(batch, *state_dim)` with actions `(batch, action_dim)`.

        Raises:
            ValueError: there is no action, or one of both has another shape.
        """
        return self.outputs(self.features(state, action))


@NETS.register("QMLPNet")
class QMLPNet(OfStateAndAction):
    """Dense layers on the state and the action side by side, then one tail.

    `in_dim` is `(state_dim, action_dim)`, `out_dim` an int.

    Raises:
        ValueError: the dims, or keys of the spec among themselves, do not fit.
    """

    def __init__(self, spec: NetSpec, in_dim: Any, out_dim: Any):
        super().__init__(sizes_of(in_dim, "in_dim of QMLPNet", (2,)), out_dim)
        self.place_obs_norms(spec, self.in_dim[:1])
        self.model, width = dense_body(spec, sum(self.in_dim))
        self.finish(spec, width)

    def features(self, state: Tensor, action: Tensor | None = None) -> Tensor:
        """What leaves the hidden layers for states `(batch, state_dim)` with actions `(batch, action_dim)`.

        Raises:
            ValueError: there is no action, or one of both has another shape.
        """
        of_state, of_action = self.in_dim
        pair = [self.as_vectors(state, of_state, "state"), self.as_vectors(action, of_action, "action")]
        self.check_batches(pair, (of_state,), (of_action,))
        return self._modules["model"](torch.cat([self.normalised(pair[0]), pair[1]], dim=-1))


class ImageAndAction(OfStateAndAction, Convolutional):
    """A net of an image and an action."""

    def as_pair(self, image: Tensor, action: Tensor | None) -> tuple[Tensor, Tensor]:
        """The flat features of the images, and the actions in the parameters' dtype.

        Raises:
            ValueError: there is no action, or one of both has another shape.
        """
        shapes = self.image, (self.in_dim[1],)
        image, taken = self.as_samples(image, shapes[0], "state"), self.as_samples(action, shapes[1], "action")
        self.check_batches((image, taken), *shapes)
        return self.convolved(image), taken


@NETS.register("QConvNet")
class QConvNet(ImageAndAction):
    """Convolutions on the state; their features and the action side by side go into dense layers, then one tail.

    `in_dim` is `((c, h, w), action_dim)`, `out_dim` an int. Without dense layers the action is added to the state's
    features linearly, so the best action is the same in every state.

    Raises:
        ValueError: the dims, or keys of the spec among themselves, do not fit (ConvolutionError for a row).
    """

    def __init__(self, spec: NetSpec, in_dim: Any, out_dim: Any):
        super().__init__(image_and_action(in_dim, "QConvNet"), out_dim)
        self.fc_model, width = self.convolve(spec, *self.in_dim)
        self.finish(spec, width)

    def features(self, state: Tensor, action: Tensor | None = None) -> Tensor:
        """What leaves the dense layers for images `(batch, c, h, w)` with actions `(batch, action_dim)`.

        Raises:
            ValueError: there is no action, or one of both has another shape.
        """
        return self._modules["fc_model"](torch.cat(self.as_pair(state, action), dim=-1))


@NETS.register("FiLMQConvNet")
class FiLMQConvNet(ImageAndAction):
    """A ConvNet on the state, whose last features the action scales and shifts, then one tail.

    The scale and the shift are linear in the action (Perez et al. 2018, https://arxiv.org/abs/1709.07871). SLM Lab
    puts a sigmoid after them and after the dense layers, whatever `hid_layers_activation` is; here that activation
    stands after the convolutions and the dense layers. `in_dim` is `((c, h, w), action_dim)`, `out_dim` an int.

    Raises:
        ValueError: the dims, or keys of the spec among themselves, do not fit (ConvolutionError for a row).
    """

    #: The activation after the scale and after the shift.
    modulation: ActivationSpec = None

    def __init__(self, spec: NetSpec, in_dim: Any, out_dim: Any):
        super().__init__(image_and_action(in_dim, "FiLMQConvNet"), out_dim)
        shape, action = self.in_dim
        self.state_fc_model, width = self.convolve(spec, shape)
        self.action_fc_scale = dense_stack([action, width], [self.modulation])
        self.action_fc_shift = dense_stack([action, width], [self.modulation])
        self.finish(spec, width)

    def features(self, state: Tensor, action: Tensor | None = None) -> Tensor:
        """The features of images `(batch, c, h, w)`, scaled and shifted by actions `(batch, action_dim)`.

        Raises:
            ValueError: there is no action, or one of both has another shape.
        """
        features, action = self.as_pair(state, action)
        features = self.state_fc_model(features)
        return features * self.action_fc_scale(action) + self.action_fc_shift(action)


def image_and_action(in_dim: Any, kind: str) -> tuple[tuple[int, ...], int]:
    """`in_dim` as the shape of an image, channels first, and the length of an action.

    Raises:
        ValueError: it is no such pair; the text names `kind`.
    """
    try:
        image, action = in_dim
    except (TypeError, ValueError):
        raise ValueError(f"in_dim of {kind} must be ((c, h, w), action_dim), not {in_dim!r}") from None
    shape = sizes_of(image, f"the image in in_dim of {kind}", RANKS)
    return shape, size_of(action, f"the action in in_dim of {kind}")
