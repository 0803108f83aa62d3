"""examples/interop/pydantic_config.py: a net as a field of a pydantic model."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import slm_net

pydantic = pytest.importorskip("pydantic")
SCRIPT = Path(__file__).parents[2] / "examples" / "interop" / "pydantic_config.py"
NET = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}
ARC = {"type": "TorchArcNet", "arc": {"modules": {"a": {"Sequential": [{"LazyLinear": {"out_features": 8}}, "Tanh"]}}}}
ARC["arc"]["graph"] = {"input": "x", "modules": {"a": ["x"]}, "output": "a"}
WRONG = {**NET, "hid_layers": [64, "32"], "hid_layers_activation": "reluu"}


@pytest.fixture
def recipe(monkeypatch):
    monkeypatch.syspath_prepend(SCRIPT.parent)
    yield importlib.import_module("pydantic_config")
    sys.modules.pop("pydantic_config", None)


def test_a_config_with_a_right_net_is_taken_as_it_is(recipe):
    config = recipe.Config(env="CartPole-v1", net=NET)
    assert config.net == NET and slm_net.build_net(config.net, env=config.env).out_dim == 2
    assert recipe.Config.model_validate_json(config.model_dump_json()) == config


def test_every_mistake_of_a_net_is_told_in_our_words_beside_those_of_pydantic(recipe):
    with pytest.raises(pydantic.ValidationError) as caught:
        recipe.Config(env=3, net=WRONG)
    of_env, of_net = caught.value.errors()
    assert of_env["loc"] == ("env",) and of_net["loc"] == ("net",)
    assert [str(problem) for problem in slm_net.validate(WRONG)] == of_net["ctx"]["error"].args[0].split("\n")


@pytest.mark.parametrize(("net", "is_right"), [(NET, True), (ARC, True), (WRONG, False), ({**ARC, "ark": 1}, False)])
def test_the_schema_of_the_config_has_that_of_the_net(recipe, net, is_right):
    schema = recipe.Config.model_json_schema()
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid({"env": "CartPole-v1", "net": net}) == is_right
    assert schema["required"] == ["env", "net"] and "MLPNet" in json.dumps(schema["properties"]["net"])


@pytest.mark.slow
@pytest.mark.parametrize(("net", "said"), [(NET, "MLPNet, 4 -> 2"), (WRONG, "did you mean 'relu'?")])
def test_the_recipe_runs(net, said, tmp_path):
    config = json.dumps({"env": "CartPole-v1", "net": net})
    line = [sys.executable, SCRIPT, config]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == (net is WRONG) and said in done.stdout + done.stderr
