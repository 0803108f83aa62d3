"""The names of parameters in SLM Lab 4 and 5, and in native nets."""

import pytest
import torch

from slm_net import build_net
from slm_net.slm_lab import export_state_dict, import_state_dict, v4, v5

MLP = {
    "type": "MLPNet",
    "hid_layers": [8, 6],
    "hid_layers_activation": "tanh",
    "optim_spec": {"name": "Adam", "lr": 0.1},
}
CONV = {
    "type": "ConvNet",
    "conv_hid_layers": [[4, 3, 2], [6, 3, 1]],
    "fc_hid_layers": [10],
    "hid_layers_activation": "relu",
}
DUELING = {**MLP, "type": "DuelingMLPNet"}
HYDRA = {**MLP, "type": "HydraMLPNet", "hid_layers": [[[8], [8]], [6], []]}
NETS = [(MLP, 4, 2), (MLP, 4, [2, 1]), (CONV, (1, 12, 12), 3), (DUELING, 4, 3), (HYDRA, [4, 4], [2, 1])]


@pytest.mark.parametrize(("spec", "in_dim", "out_dim"), NETS)
def test_layouts_map_both_ways(spec, in_dim, out_dim):
    native = build_net({**spec, "batch_norm": False}, in_dim, out_dim).model
    for lab in (v4, v5):
        theirs = getattr(lab.net, spec["type"])({**spec, "batch_norm": False}, in_dim, out_dim)
        exported = export_state_dict(native, f"slm-lab-{lab.VERSION}")
        theirs.load_state_dict(exported)
        other = export_state_dict(theirs, f"slm-lab-{9 - lab.VERSION}")
        fresh = build_net({**spec, "batch_norm": False}, in_dim, out_dim).model
        import_state_dict(fresh, other)
        assert all(
            torch.equal(a, b) for a, b in zip(native.state_dict().values(), fresh.state_dict().values(), strict=True)
        )


def test_log_std_has_no_place_in_4():
    native = build_net({**MLP, "log_std_init": 0.5}, 4, [3, 3]).model
    theirs = v5.net.MLPNet({**MLP, "log_std_init": 0.0}, 4, [3, 3])
    theirs.load_state_dict(export_state_dict(native, "slm-lab-5"))
    assert theirs.log_std.eq(0.5).all()
    with pytest.raises(ValueError, match="log_std"):
        export_state_dict(native, "slm-lab-4")
    with pytest.raises(ValueError, match="did you mean 'slm-lab-5'"):
        export_state_dict(native, "slm-lab5")
