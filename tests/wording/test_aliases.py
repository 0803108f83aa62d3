"""Words of other libraries lead to the key or name that stands for them here."""

import pytest

from slm_net import validate
from slm_net.schema import catalogue
from slm_net.schema.catalogue import all_arguments
from slm_net.wording.aliases import ELSEWHERE, KEYS, NAMES, PLACES
from slm_net.words import folded

NET = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}


def test_every_alias_stands_for_something_that_exists():
    keys = {*catalogue.net_keys(), "name", *(argument for kind in catalogue.KINDS for argument in all_arguments(kind))}
    assert {meaning for meanings in KEYS.values() for meaning in meanings} <= keys
    names = [*catalogue.net_types(), *(name for kind in catalogue.KINDS for name in catalogue.names(kind))]
    choices = ["polyak", "replace", "mean", "cos", "norm"]
    assert {name.casefold() for meanings in NAMES.values() for name in meanings} <= {
        name.casefold() for name in (*names, *choices)
    }
    assert not ELSEWHERE & {*map(folded, NAMES), *map(folded, names)}


def test_no_alias_is_a_key_of_its_own():
    own = set(map(folded, catalogue.net_keys()))
    assert not {key for key in KEYS if folded(key) in own} - {"type"}
    # a key of nets and of environments, which in other blocks is sent to the environment
    assert {key for key in PLACES if folded(key) in own} == {"normalize_obs"}


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
        ({"type": "LSTMNet"}, 'write "type": "RecurrentNet", "cell_type": "LSTM"'),
        ({"type": "gru"}, 'write "type": "RecurrentNet", "cell_type": "GRU"'),
        ({"type": "MultiMLPNet"}, "'HydraMLPNet'"),
        ({"type": "TransformerNet"}, "made known by slm_net.register_net"),
        ({"loss_spec": "huber"}, 'write {"name": "HuberLoss"}'),
        ({"hid_layers": {"pi": [64], "vf": [32]}}, "write 'actor_hid_layers' and 'critic_hid_layers'"),
        # of SLM Lab 0 to 3
        ({"polyak_weight": 0.9}, 'write "polyak_coef": 0.1, '),
        ({"clip_grad": False, "clip_grad_val": 1.0}, 'write "clip_grad_val": null'),
        ({"clip_grad": True, "clip_grad_val": 1.0}, "remove it: clip_grad_val says how far"),
        ({"clip_grad": 0.5}, "'clip_grad_val'"),
        ({"lr_decay_frequency": 500}, 'write "lr_scheduler_spec": {'),
        ({"optim_actor": {"name": "Adam"}}, "'actor_optim_spec'"),
        ({"seed": 1}, "seed=..., or to slm-net build, --seed"),
        ({"loss_spec": {"name": "MAELoss"}}, "'L1Loss'"),
        ({"loss_spec": {"name": "mae_loss"}}, "'L1Loss'"),
        ({"loss_spec": {"name": "L2Loss"}}, "'MSELoss'"),
        ({"loss_spec": {"name": "CELoss"}}, "'CrossEntropyLoss'"),
        ({"loss_spec": {"name": "binary_crossentropy"}}, "'BCELoss'"),
        ({"loss_spec": {"name": "RMSELoss"}}, "expected MSELoss, SmoothL1Loss, "),
        ({"loss_spec": {"name": "MSELoss", "reduction": "avg"}}, "'mean'"),
        ({"loss_spec": {"name": "MSELoss", "reduction": "none"}}, 'for example "mean"'),
        ({"optim_spec": {"name": "SGDW"}}, "expected Adam, "),
        ({"optim_spec": {"name": "SGDM"}}, "'SGD'"),
        ({"hid_layers_activation": "geglu"}, "expected relu, "),
        ({"hid_layers_activation": {"name": "swish"}}, "'SiLU'"),
        ({"hid_layers_activation": {"name": "lrelu"}}, "'LeakyReLU'"),
        ({"out_layer_activation": {"name": "linear"}}, "'Identity'"),
        ({"out_layer_activation": {"name": "none"}}, "write null in place of the object"),
        ({"lr_scheduler_spec": {"name": "none"}}, "write null in place of the object"),
        # keys that have another name
        ({"soft_update_tau": 0.1}, "'polyak_coef'"),
        ({"update_interval": 3}, "'update_frequency'"),
        ({"ortho_init": True}, 'write "init_fn": "orthogonal_"'),
        ({"vf_share_layers": True}, "'shared'"),
        ({"optim_spec": {"name": "RMSprop", "decay": 0.9}}, "'alpha'"),
        ({"optim_spec": {"name": "Adam", "decay": 0.9}}, "'weight_decay'"),
        ({"lr_scheduler_spec": {"name": "StepLR", "step": 3}}, "'step_size'"),
        ({"optim_spec": {"optimizer": "Adam"}}, "rename 'optimizer' to 'name'"),
        ({"loss_spec": {"kind": "mseloss"}}, "rename 'kind' to 'name'"),
        # keys that belong elsewhere
        ({"gamma": 0.99}, "it belongs in algorithm or lr_scheduler_spec"),
        ({"action_pdtype": "default"}, "it belongs in algorithm"),
        ({"training_frequency": 4}, "it belongs in algorithm"),
        ({"entropy_coef": 0.01}, "it belongs in algorithm, as 'entropy_coef_spec'"),
        ({"memory": {}}, "it belongs in agent, beside net"),
        ({"batch_size": 32}, "it belongs in memory"),
        ({"num_envs": 4}, "it belongs in env"),
        ({"search": {}}, "it belongs in the spec, beside agent"),
        ({"optim_spec": {"name": "Adam", "max_grad_norm": 1}}, "it belongs in the net block, as 'clip_grad_val'"),
        ({"optim_spec": {"name": "Adam", "clip_grad_val": 1}}, "it belongs in the net block"),
        ({"optim_spec": {"name": "Adam", "gamma": 0.9}}, "it belongs in lr_scheduler_spec"),
        ({"optim_spec": {"name": "Adam", "step_size": 3}}, "it belongs in lr_scheduler_spec"),
        ({"optim_spec": {"name": "Adam", "lr_decay": 0.9}}, "it belongs in the net block, as 'lr_scheduler_spec'"),
        ({"lr_scheduler_spec": {"name": "StepLR", "step_size": 3, "weight_decay": 0}}, "it belongs in optim_spec"),
        ({"actor_lr": 0.1}, "it belongs in actor_optim_spec"),
        ({"critic_learning_rate": 0.1}, "it belongs in critic_optim_spec"),
        ({"critic_type": "MLPNet"}, "it belongs in agent, beside net, as 'critic_net'"),
        ({"optim_spec": {"name": "Adam", "momentum": 0.9}}, "; it is an argument of RMSprop, SGD"),
        ({"hid_layers_activation": {"name": "tanh", "inplace": True}}, "it is an argument of ReLU, "),
        ({"hid_layers_activation": {"name": "leakyrelu", "alpha": 0.2}}, "did you mean 'negative_slope'?"),
        ({"actor": {}}, "the keys of the actor's net begin with actor_"),
    ],
)
def test_the_hint_is_what_stands_for_it_here(change, hint):
    assert any(hint in problem.hint for problem in validate({**NET, **change}))


@pytest.mark.parametrize("key", ["fcnet_hiddens", "hidden_dims", "net_arch", "hidden"])
def test_layers_by_another_name(key):
    [problem] = validate({"type": "MLPNet", key: [8], "hid_layers_activation": "relu"})
    assert (problem.pointer, problem.hint) == (f"/{key}", "did you mean 'hid_layers'?")
