"""The layers of an arc: names to classes, torch's own each named here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from torch import nn

from slm_net.nets import graph_layers as graph
from slm_net.nets.activations import ACTIVATIONS
from slm_net.nets.batch_renorm import BatchRenorm1d
from slm_net.nets.weight_norm import LazyWeightNormLinear, WeightNormLinear
from slm_net.plugins import GROUPS
from slm_net.registry import Registry

#: What a name of the schema's kind "layer" builds, but for the activations. What is called lazy there is no module of
#: torch's that waits for an input, but the class that it becomes, called with the size that the input gives, too.
LAYERS: Registry[Callable[..., nn.Module]] = Registry("layer", GROUPS["layer"])

_ALSO_LAZY = (
    *(nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d),
    *(nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, BatchRenorm1d),
)
_INSTANCE_NORMS = (nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)

for _layer in (
    *(*_ALSO_LAZY, *_INSTANCE_NORMS),
    *(nn.Bilinear, WeightNormLinear, LazyWeightNormLinear, nn.Unfold, nn.Fold),
    *(nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d, nn.MaxUnpool1d, nn.MaxUnpool2d, nn.MaxUnpool3d),
    *(nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d, nn.LPPool1d, nn.LPPool2d, nn.LPPool3d),
    *(nn.FractionalMaxPool2d, nn.FractionalMaxPool3d, nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d),
    *(nn.AdaptiveAvgPool3d, nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d),
    *(nn.SyncBatchNorm, nn.LayerNorm, nn.RMSNorm, nn.GroupNorm, nn.LocalResponseNorm, nn.CrossMapLRN2d),
    *(nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout),
    *(nn.GRU, nn.LSTM, nn.RNN, nn.GRUCell, nn.LSTMCell, nn.RNNCell, nn.MultiheadAttention),
    *(nn.TransformerEncoderLayer, nn.TransformerDecoderLayer, nn.Transformer, nn.Embedding, nn.EmbeddingBag),
    *(nn.Flatten, nn.Unflatten, nn.PixelShuffle, nn.PixelUnshuffle, nn.ChannelShuffle),
    *(nn.Upsample, nn.UpsamplingNearest2d, nn.UpsamplingBilinear2d),
    *(nn.ZeroPad1d, nn.ZeroPad2d, nn.ZeroPad3d, nn.ReflectionPad1d, nn.ReflectionPad2d, nn.ReflectionPad3d),
    *(nn.ReplicationPad1d, nn.ReplicationPad2d, nn.ReplicationPad3d, nn.CircularPad1d, nn.CircularPad2d),
    *(nn.CircularPad3d, nn.ConstantPad1d, nn.ConstantPad2d, nn.ConstantPad3d),
    *(nn.CosineSimilarity, nn.PairwiseDistance, nn.GLU, nn.Softmax2d),
    *(graph.Get, graph.Narrow, graph.IndexSelect, graph.Reduce, graph.TorchFn, graph.ForkChunk, graph.ForkSplit),
    *(graph.MergeConcat, graph.MergeStack, graph.MergeSum, graph.MergeProd, graph.MergeMean),
    *(graph.MergeDot, graph.MergeBMM, graph.MergeFiLM),
):
    LAYERS.register(_layer.__name__)(_layer)
for _layer in _ALSO_LAZY:
    LAYERS.register(f"Lazy{_layer.__name__}")(_layer)
for _layer in _INSTANCE_NORMS:  # the lazy ones have other defaults
    LAYERS.register(f"Lazy{_layer.__name__}")(partial(_layer, affine=True, track_running_stats=True))


def layer_class(name: str) -> Callable[..., nn.Module]:
    """What builds the layer of this name, an activation among them, from keyword arguments; lists are tuples there.

    >>> layer_class("LazyLinear"), layer_class("ReLU")
    (<class 'torch.nn.modules.linear.Linear'>, <class 'torch.nn.modules.activation.ReLU'>)

    Raises:
        RegistryError: no layer has this name.
    """
    return (ACTIVATIONS if name in ACTIVATIONS else LAYERS)[name]
