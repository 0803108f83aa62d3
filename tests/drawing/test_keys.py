from test_specs import FILES

from slm_net.document.specs import read_document
from slm_net.drawing.keys import helped

SPEC = """\
# of a team
agent:
  algorithm: {name: PPO, gamma: 0.99, clip_eps_spec: {name: no_decay, start_val: 0.2}}
  net:
    type: MLPNet
    hid_layers: [64]
    hid_layers_activation: {name: LeakyReLU, negative_slope: 0.1}
    actor_init_std: 0.01
    optim_spec: &adam {name: Adam, betas: [0.9, 0.999]}
    critic_optim_spec: *adam
env: {name: CartPole-v1}
"""


def help_of(text, file="spec.yaml"):
    return [(text[begin:end], words) for begin, end, words in helped(read_document(text, file))]


def test_each_key_is_explained_where_it_stands():
    found = dict(help_of(SPEC))
    assert found["hid_layers"].startswith("Units of the hidden layers")
    assert found["betas"].endswith("Default: [0.9, 0.999].")
    assert found["negative_slope"]
    assert "start_val" in found and "actor_init_std" in found and "critic_optim_spec" in found
    assert "team" not in found


def test_a_key_of_an_alias_is_explained_once():
    assert [key for key, _ in help_of(SPEC)].count("betas") == 1


def test_nearly_every_key_of_the_specs_is_known():
    for path in FILES:
        document = read_document(path)
        for begin, end, words in helped(document):
            written = document.source.text[begin:end]
            assert written.strip("\"'").isidentifier() and words, (path.name, written)


def test_layers_of_an_arc_are_explained():
    module = '{"Repeat": {"times": 2, "layers": [{"LazyLinear": {"out_features": 4}}]}}'
    graph = '{"input": "x", "modules": {"a": "x"}, "output": "a"}'
    text = f'{{"type": "TorchArcNet", "arc": {{"modules": {{"a": {module}}}, "graph": {graph}}}}}'
    found = dict(help_of(text, "a.json"))
    assert '"LazyLinear"' in found and '"out_features"' in found and '"graph"' in found
    assert '"a"' not in found
