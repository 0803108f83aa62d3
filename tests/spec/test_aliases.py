"""Words of other libraries lead to the key or name that stands for them here."""

import pytest

from slm_net import validate
from slm_net.spec import schema
from slm_net.spec.aliases import KEYS, NAMES
from slm_net.spec.hints import all_arguments

NET = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}


def test_every_alias_stands_for_something_that_exists():
    keys = {*schema.net_keys(), "name", *(argument for kind in schema.KINDS for argument in all_arguments(kind))}
    assert set(KEYS.values()) <= keys
    names = [*schema.net_types(), *(name for kind in schema.KINDS for name in schema.names(kind)), "polyak", "replace"]
    assert {name.casefold() for name in NAMES.values()} <= {name.casefold() for name in names}


def test_no_alias_is_a_key_of_its_own():
    assert not {key for key in KEYS if key in schema.net_keys()} - {"type"}


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"fcnet_activation": "tanh"}, "'hid_layers_activation'"),
        ({"max_grad_norm": 0.5}, "'clip_grad_val'"),
        ({"target_network_update_freq": 10}, "'update_frequency'"),
        ({"use_gpu": True}, "'gpu'"),
        ({"optim_spec": {"name": "Adam", "learning_rate": 0.1}}, "'lr'"),
        ({"optim_spec": {"name": "Adam", "adam_epsilon": 0.1}}, "'eps'"),
        ({"optim_spec": {"name": "RMS"}}, "'RMSprop'"),
        ({"loss_spec": {"name": "huber"}}, "'HuberLoss'"),
        ({"update_type": "ema"}, "'polyak'"),
        ({"type": "MlpPolicy"}, "'MLPNet'"),
    ],
)
def test_the_hint_is_what_stands_for_it_here(change, hint):
    assert any(hint in problem.hint for problem in validate({**NET, **change}))


@pytest.mark.parametrize("key", ["fcnet_hiddens", "hidden_dims", "net_arch", "hidden"])
def test_layers_by_another_name(key):
    [problem] = validate({"type": "MLPNet", key: [8], "hid_layers_activation": "relu"})
    assert (problem.pointer, problem.hint) == (f"/{key}", "did you mean 'hid_layers'?")
