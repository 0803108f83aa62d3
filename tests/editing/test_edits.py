"""How edits change a text: only what they are about, as somebody would have written it."""

import pytest

from slm_net.editing.edits import changes_for
from slm_net.problems import Edit, Problem
from slm_net.text.mending import applied
from slm_net.text.source import read_source

JSON = """{ // a net
  "type": "MLPNet",
  "hid_layers": [64], /* dense */ "gpu": true,
  "dropout": 0.1, // why
  "optim_spec": {"name": "Adam", "lr": 1e-3},
  "loss_spec": {},
  "clip": 5e-1  // last
}
"""
YAML = """# a net
type: MLPNet
hid_layers: # dense
  - 64
  - 32

gpu: yes # why
optim_spec:
  name: 'Adam'
  lr: 1e-3
# about the loss
loss_spec: {name: MSELoss, beta: 2}
rows:
- - 4
- size: 3
  clip: [1,
    2]
"""


def edited(text, *edits, name="a.json"):
    """The text with edits, each of a problem of its own."""
    source = read_source(text, name)
    problems = [Problem(line=1, rule=str(index), fix=(Edit(*edit),)) for index, edit in enumerate(edits)]
    changes = changes_for(source, problems)
    return applied(text, [change for found in changes.values() for change in found])


@pytest.mark.parametrize(
    ("edits", "old", "new"),
    [
        ([(("clip",), "rename", "clip_grad_val")], '"clip":', '"clip_grad_val":'),
        ([(("hid_layers", 0), "replace", 32)], "[64]", "[32]"),
        ([(("optim_spec",), "replace", None)], '{"name": "Adam", "lr": 1e-3}', "null"),
        # with its line, and the comment about it
        ([(("dropout",), "remove")], '  "dropout": 0.1, // why\n', ""),
        ([(("gpu",), "remove")], '/* dense */ "gpu": true,\n', "/* dense */ \n"),
        ([(("optim_spec", "name"), "remove")], '{"name": "Adam", ', "{"),
        ([(("optim_spec", "lr"), "remove")], ', "lr": 1e-3}', "}"),
        ([(("optim_spec", "lr"), "remove"), (("optim_spec", "name"), "remove")], '"name": "Adam", "lr": 1e-3', ""),
        ([(("clip",), "remove")], '"loss_spec": {},\n  "clip": 5e-1  // last\n', '"loss_spec": {}\n'),
        (
            [(("clip",), "remove"), (("loss_spec",), "remove")],
            '1e-3},\n  "loss_spec": {},\n  "clip": 5e-1  // last\n',
            "1e-3}\n",
        ),
        # numbers stay as they are written
        (
            [(("clip",), "move", ("optim_spec", "eps"))],
            '1e-3},\n  "loss_spec": {},\n  "clip": 5e-1  // last\n',
            '1e-3, "eps": 5e-1},\n  "loss_spec": {}\n',
        ),
        (
            [(("optim_spec", "lr"), "move", ("loss_spec", "beta"))],
            ', "lr": 1e-3},\n  "loss_spec": {}',
            '},\n  "loss_spec": {"beta": 1e-3}',
        ),
        (
            [(("optim_spec", "lr"), "move", ("lr",))],
            ', "lr": 1e-3},\n  "loss_spec": {},\n  "clip": 5e-1  //',
            '},\n  "loss_spec": {},\n  "clip": 5e-1,\n  "lr": 1e-3  //',
        ),
        ([(("type",), "split", {"type": "ConvNet", "shared": True})], '"MLPNet",\n', '"ConvNet",\n  "shared": true,\n'),
        ([(("gpu",), "split", {"gpu": False, "cuda_id": 1})], '"gpu": true,', '"gpu": false, "cuda_id": 1,'),
    ],
)
def test_json(edits, old, new):
    assert old in JSON
    assert edited(JSON, *edits) == JSON.replace(old, new)


@pytest.mark.parametrize(
    ("edits", "old", "new"),
    [
        ([(("hid_layers",), "rename", "units")], "hid_layers:", "units:"),
        ([(("optim_spec", "name"), "replace", "SGD")], "'Adam'", "'SGD'"),
        ([(("optim_spec", "name"), "replace", "on")], "'Adam'", "'on'"),
        ([(("gpu",), "replace", True)], "gpu: yes", "gpu: true"),
        ([(("hid_layers",), "replace", 3)], "hid_layers: # dense\n  - 64\n  - 32\n", "hid_layers: 3\n"),
        ([(("rows", 0), "replace", 4)], "- - 4\n", "- 4\n"),
        ([(("gpu",), "remove")], "gpu: yes # why\n", ""),
        ([(("hid_layers",), "remove")], "hid_layers: # dense\n  - 64\n  - 32\n", ""),
        ([(("optim_spec",), "remove")], "optim_spec:\n  name: 'Adam'\n  lr: 1e-3\n", ""),
        ([(("loss_spec", "beta"), "remove")], ", beta: 2}", "}"),
        (
            [(("loss_spec", "beta"), "move", ("optim_spec", "eps"))],
            "  lr: 1e-3\n# about the loss\nloss_spec: {name: MSELoss, beta: 2}",
            "  lr: 1e-3\n  eps: 2\n# about the loss\nloss_spec: {name: MSELoss}",
        ),
        ([(("hid_layers",), "move", ("loss_spec", "x"))], "hid_layers: # dense\n  - 64\n  - 32\n", None),
        ([(("type",), "split", {"type": "x", "shared": True})], "type: MLPNet\n", 'type: "x"\nshared: true\n'),
        ([(("rows", 1, "size"), "split", {"a": 1, "b": None})], "- size: 3\n", "- a: 1\n  b: null\n"),
        ([(("rows", 1, "clip"), "remove")], "  clip: [1,\n    2]\n", ""),
    ],
)
def test_yaml(edits, old, new):
    assert old in YAML
    after = edited(YAML, *edits, name="a.yaml")
    if new is None:
        assert after == YAML.replace(old, "").replace("beta: 2}", "beta: 2, x: [64, 32]}")
    else:
        assert after == YAML.replace(old, new)


@pytest.mark.parametrize(
    ("edit", "name", "text"),
    [
        (("gone",), "a.json", JSON),
        (("hid_layers",), "a.yaml", "base: &b {hid_layers: [1]}\nnet:\n  <<: *b\n  type: x\n"),
    ],
)
def test_what_is_not_there_is_not_changed(edit, name, text):
    path = edit if name == "a.json" else ("net", *edit)
    for action, value in (("remove", None), ("rename", "x"), ("replace", 1), ("split", {"x": 1})):
        assert edited(text, (path, action, value), name=name) == text


def test_an_alias_is_not_moved_or_removed():
    text = "type: &t MLPNet\nkind: *t\n"
    assert edited(text, (("kind",), "remove"), name="a.yaml") == text


def test_a_key_that_is_there_is_not_written_again():
    for edit in (
        (("clip",), "rename", "gpu"),
        (("clip",), "split", {"clip": 1, "gpu": 2}),
        (("clip",), "move", ("optim_spec", "lr")),
    ):
        assert edited(JSON, edit) == JSON


def test_of_two_edits_that_meet_the_first_is_made():
    first = (("optim_spec", "lr"), "replace", 1)
    assert edited(JSON, first, (("optim_spec",), "remove")) == edited(JSON, first)
    assert edited(JSON, (("clip",), "rename", "x"), (("gpu",), "rename", "x")).count('"x"') == 1


LAYERS = """- LazyLinear:
  out_features: 64  # wide
- LazyConv2d:
    out_channels: 3
  kernel_size:
    - 3

    - 3
- ReLU
"""


@pytest.mark.parametrize(
    ("text", "path", "whole", "after"),
    [
        (
            LAYERS,
            (0,),
            {"LazyLinear": {"out_features": 64}},
            LAYERS.replace("  out_features: 64  # wide", "      out_features: 64  # wide"),
        ),
        (
            LAYERS,
            (1,),
            {"LazyConv2d": {"out_channels": 3, "kernel_size": [3, 3]}},
            LAYERS.replace("  kernel_size:\n    - 3\n\n    - 3\n", "    kernel_size:\n      - 3\n\n      - 3\n"),
        ),
        ("- {Dropout: , p: 0.5}\n", (0,), {"Dropout": {"p": 0.5}}, '- {"Dropout": {"p": 0.5}}\n'),
        ("- p: 0.5\n  Dropout:\n", (0,), {"Dropout": {"p": 0.5}}, '- {"Dropout": {"p": 0.5}}\n'),
        ('[{"Dropout": {}, "p": 0.5}]', (0,), {"Dropout": {"p": 0.5}}, '[{"Dropout": {"p": 0.5}}]'),
    ],
)
def test_arguments_are_indented_beneath_their_layer(text, path, whole, after):
    assert edited(text, (path, "indent", whole), name="a.json" if text[0] == "[" else "a.yaml") == after


LISTS = """{
  "agent": [{  // one
    "name": "a"
  }],
  "env": [
    {
      "name": "b",  // of [it]
      "sizes": [1, 2],
    },
  ],
  "both": [{"a": 1}, {"b": 2}],
  "marked": [ /* kept */ {"a": 1}, /* too */ ]
}
"""


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (("agent",), '[{  // one\n    "name": "a"\n  }]', '{  // one\n    "name": "a"\n  }'),
        (
            ("env",),
            '[\n    {\n      "name": "b",  // of [it]\n      "sizes": [1, 2],\n    },\n  ]',
            '{\n    "name": "b",  // of [it]\n    "sizes": [1, 2],\n  }',
        ),
        (("marked",), '[ /* kept */ {"a": 1}, /* too */ ]', ' /* kept */ {"a": 1} /* too */ '),
        (("both",), "", ""),
    ],
)
def test_the_entry_of_a_list_stands_for_the_list(path, old, new):
    after = edited(LISTS, (path, "unwrap"))
    assert after == LISTS.replace(old, new)
    assert read_source(after, "a.json").problems == ()


def test_an_entry_of_a_block_stands_for_the_list():
    lists = "agent:\n  # the agent\n  - name: a  # own\n    net: {x: 1}\nenv: [{name: b}]\nboth:\n- 1\n- 2\n"
    after = edited(lists, (("agent",), "unwrap"), (("env",), "unwrap"), (("both",), "unwrap"), name="a.yaml")
    assert after == lists.replace("- name", "  name").replace("[{name: b}]", "{name: b}")
    assert read_source(after, "a.yaml").data["agent"] == {"name": "a", "net": {"x": 1}}


def test_a_new_key_stands_at_the_end():
    assert edited(JSON, (("seed",), "insert", 3)) == JSON.replace("5e-1 ", '5e-1,\n  "seed": 3 ')
    assert edited(JSON, (("loss_spec", "name"), "insert", "MSELoss")) == JSON.replace("{},", '{"name": "MSELoss"},')
    assert edited(JSON, (("clip",), "insert", 3)) == JSON  # it is there
    assert edited(JSON, (("gone", "name"), "insert", 3)) == JSON
    after = edited(YAML, (("optim_spec", "eps"), "insert", 1), name="a.yaml")
    assert after == YAML.replace("1e-3\n", "1e-3\n  eps: 1\n")
