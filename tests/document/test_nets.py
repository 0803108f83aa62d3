from slm_net.document.nets import is_prefixed, keys_of_nets, net_views
from slm_net.text.places import WRONG_TYPE
from slm_net.wording.schema_problems import MISSING_KEY, UNKNOWN_NAME

NET = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}


def views(block, mistakes=(), algorithm="", **dims):
    return list(net_views(block, ("net",), list(mistakes), algorithm=algorithm, **dims))


def test_one_net_has_defaults_beside_what_is_written():
    [view] = views(NET, in_dim=4)
    assert (view.type, view.spec["batch_norm"], view.in_dim) == ("MLPNet", False, 4)
    assert view.at("hid_layers", 0) == ("net", "hid_layers", 0)
    assert view.at("batch_norm") == ("net",)


def test_a_key_counts_when_it_has_a_value_that_is_not_wrong():
    [view] = views(
        {**NET, "gpu": "x"},
        [UNKNOWN_NAME.at(("net", "gpu"), ""), WRONG_TYPE.at(("net", "hid_layers", 0), "")],
    )
    assert view.has("hid_layers_activation", "batch_norm")
    assert not view.has("gpu") and not view.has("hid_layers") and not view.has("seq_len")
    assert not view.has("hid_layers_activation", "gpu")


def test_mistakes_elsewhere_do_not_count():
    [view] = views(NET, [WRONG_TYPE.at(("other", "hid_layers"), ""), MISSING_KEY.at(("net",), "")])
    assert view.has("hid_layers")


def test_two_nets_where_an_actor_critic_has_its_own_keys():
    block = {**NET, "actor_dropout": 0.1, "critic_hid_layers": [8], "critic_typo": 3}
    actor, critic = views(block, [WRONG_TYPE.at(("net", "critic_hid_layers"), "")], "PPO", in_dim=4, out_dim=2)
    assert (actor.spec["dropout"], actor.spec["hid_layers"], actor.in_dim) == (0.1, [64], 4)
    assert (critic.spec["dropout"], critic.spec["hid_layers"]) == (0, [8])
    assert critic.at("hid_layers", 0) == ("net", "critic_hid_layers", 0)
    assert actor.has("hid_layers") and not critic.has("hid_layers")


def test_an_algorithm_without_a_critic_has_one_net():
    assert len(views({**NET, "actor_dropout": 0.1}, algorithm="DQN")) == 1
    assert len(views({**NET, "actor_dropout": 0.1})) == 2
    assert len(views(NET, algorithm="PPO")) >= 1


def test_a_block_without_a_known_type_has_no_view():
    assert views({"type": "x"}) == views({"type": []}) == views({}) == []


def test_prefixed_keys():
    assert is_prefixed("actor_optim_spec") and is_prefixed("critic_gpu")
    assert not is_prefixed("actor_init_std") and not is_prefixed("actor_typo") and not is_prefixed("hid_layers")


def test_keys_of_nets_say_where_a_value_stands():
    assert keys_of_nets({"type": "MLPNet"}, "DQN") == [{"type": "type"}]
    both = keys_of_nets({"gpu": False, "actor_gpu": True}, "ActorCritic")
    assert both == [{"gpu": "actor_gpu"}, {"gpu": "gpu"}]
