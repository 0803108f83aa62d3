"""Hints for wrong names and keys."""

from slm_net.wording.names import key_cure, name_cure, nearest_key


def test_hints_for_names():
    words = {"type": "string", "pattern": "^(?:relu|silu)$"}
    assert name_cure("torch.nn.SiLU", (), words, "activation").hint == "did you mean 'silu'?"
    assert name_cure("xyz", (), words, "activation").hint.startswith("expected relu, silu; your own")
    assert name_cure("xyz", (), {"enum": ["norm", "value"]}, "").hint == ""


def test_hints_for_keys():
    known = ["type", "hid_layers", "optim_spec", "actor_optim_spec", "critic_init_std"]
    assert nearest_key("optimspec", known) == "optim_spec"
    assert nearest_key("actr_optim_spec", known) == "actor_optim_spec"
    assert nearest_key("critic_init_sdt", known) == "critic_init_std"
    assert nearest_key("actor_zzz", known) is None
    assert key_cure("betas", (), {"type": "MLPNet"}, known).hint == "it belongs in optim_spec"
    assert (
        key_cure("layers", (), {"type": "MLPNet", "hid_layers": []}, known).hint
        == "'hid_layers' is there already: remove one of them"
    )
