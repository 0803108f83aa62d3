"""The rule about how large a net may be, counted on ints before anything is allocated."""

from __future__ import annotations

from collections.abc import Iterator
from math import log10

from slm_net.spec.mistakes import Mistake
from slm_net.spec.net_dims import hydra_lists, in_dim_fits, is_out_dim
from slm_net.spec.net_view import NetView
from slm_net.spec.parameters import COUNTERS, Counts, parameter_counts
from slm_net.spec.smallest_dims import smallest_in_dim, smallest_out_dim

#: The keys that parameters are counted from.
SIZE_KEYS = (
    *("batch_norm", "bidirectional", "cell_type", "conv_hid_layers", "fc_hid_layers", "hid_layers"),
    *("layer_norm", "rnn_hidden_size", "rnn_num_layers"),
)


def model_fits_into_memory(net: NetView) -> Iterator[Mistake]:
    """A net of more than `max_params` parameters is refused; without dims, one of more whatever they are."""
    counts = _counts(net)
    if (total := sum(counts.values())) <= net.max_params:
        return
    culprit = next(
        (path for path, count in counts.items() if count > net.max_params), max(counts, key=counts.__getitem__)
    )
    least, gigabytes = "at least " if net.in_dim is None else "", 4 * total // 10**9
    memory = f", about {counted(gigabytes)} GB" if gigabytes else ""
    message = f"the net would have {least}{counted(total)} parameters{memory}"
    hint = f"at most {counted(net.max_params)} are allowed"
    yield Mistake(net.at(str(culprit[0]), *culprit[1:]), "model-too-large", message, hint)


def counted(number: int) -> str:
    """A number of things, in digits or as a power of ten.

    >>> counted(12345), counted(10**400)
    ('12,345', '1.0e+400')
    """
    if number < 10**15:
        return f"{number:,}"
    exponent = int(log10(number))  # not from a float, which ends at 1e308
    return f"{10 ** (log10(number) - exponent):.1f}e+{exponent}"


def _counts(net: NetView) -> Counts:
    """The parameters by what causes them; empty if they cannot be counted, for which other rules have the reason."""
    sizes = [key for key in SIZE_KEYS if key in net.own_keys]
    known = in_dim_fits(net)
    if net.type == "HydraMLPNet" and hydra_lists(net) is None:
        return {}
    if net.type not in COUNTERS or not net.has(*sizes) or not (known or net.in_dim is None):
        return {}
    try:
        in_dim = net.in_dim if known else smallest_in_dim(net.type, net.spec)
        out_dim = net.out_dim if is_out_dim(net.out_dim) else smallest_out_dim(net.type, net.spec)
        return parameter_counts(net.spec, in_dim, out_dim)
    except ValueError:  # said by convolutions_fit and hydra_lists_match
        return {}
