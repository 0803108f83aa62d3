"""Rules that are run again only for the keys that they ask for."""

from dataclasses import replace

import pytest

from slm_net.document.nets import net_views
from slm_net.rules.all import RULES
from slm_net.search.trials import run_rules

MLP = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu", "optim_spec": {"name": "SGD", "lr": 0.1}}
CONV = {"type": "ConvNet", "conv_hid_layers": [[8, 8, 4], [8, 4, 2]], "fc_hid_layers": [], "batch_norm": True}
CONV |= {"hid_layers_activation": "relu", "init_fn": "kaiming_normal_"}
VALUES = {
    "hid_layers": [8, 8, 8],
    "conv_hid_layers": [[8, 90, 4]],
    "hid_layers_activation": ["gelu", "gelu"],
    "optim_spec": {"name": "SGD", "lr": 5.0, "nesterov": True},
    "lr_scheduler_spec": {"name": "StepLR", "step_size": 10},
    "init_fn": "xavier_uniform_",
    "batch_norm": False,
    "layer_norm": True,
    "update_frequency": 0.5,
}


@pytest.mark.parametrize("key", VALUES)
@pytest.mark.parametrize(("block", "in_dim"), [(MLP, 4), (CONV, (4, 84, 84))])
@pytest.mark.parametrize("algorithm", ["", "DQN", "PPO"])
def test_a_rule_finds_the_same_whatever_a_key_is_that_it_does_not_ask_for(key, block, in_dim, algorithm):
    for view in net_views(block, (), [], in_dim=in_dim, out_dim=2, algorithm=algorithm, max_frame=1000):
        run = run_rules(view)
        assert run.broken == {(mistake.path, mistake.rule) for rule in RULES for mistake in rule(view)}
        changed = replace(view, spec={**view.spec, key: VALUES[key]})
        for rule in RULES:
            if rule not in run.asked.get(key, ()):
                assert list(rule(changed)) == list(rule(view))
