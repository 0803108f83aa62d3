"""What is a spec among the files of a folder, and what is none."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from slm_net.document.recognition import OF_NETS, looks_like_spec
from slm_net.document.specs import read_document
from slm_net.schema import for_editors
from slm_net.schema.catalogue import net_keys
from slm_net.text.source import read_source

ROOT = Path(__file__).parents[2]
NET = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}
SPEC = {"agent": {"algorithm": {"name": "DQN"}, "net": NET}, "env": {"name": "CartPole-v1"}}


def seen(text, name="a.json"):
    source = read_document(text if isinstance(text, str) else json.dumps(text), name).source
    return looks_like_spec(source, source.text)


@pytest.mark.parametrize(
    "data",
    [
        NET,
        {"hid_layers": [64]},
        {"hid_layrs": [64]},
        {"critic_hid_layers": [64]},
        {"my_net": {"optim_spec": {"name": "Adam"}}},
        SPEC,
        {"dqn": SPEC},
        {"specs": {"dqn": SPEC}},
        [SPEC],
        {"dqn": {"agnet": SPEC["agent"]}},
        {"dqn": {"agents": [SPEC["agent"]]}},
        {"dqn": {"Agent": {"algoritm": {"name": "DQN"}}}},
        {"dqn": {"player": {"algorithm": "DQN", "net": {}}}},
        {"dqn": {"agent": {"algorithm": "DQN"}}},
        {"dqn": {"agent": [{"net": {}}], "env": []}},
        {"dqn": {"agent": {"net": "MLPNet"}}},
        {"dqn": {"agent": {"name": "x"}, "env": {"name": "CartPole-v1"}, "meta": {"max_trial": 1}}},
        '{"ppo": {"agent": ',
        '{"ppo": {"agnet": {"net"',
        "{'hid_layers_activation' = relu",
        "hid_layrs: [64",
        '{"type": "MLPNet" "shared": 1}',
    ],
)
def test_specs_right_or_wrong_or_broken_are_seen(data):
    assert seen(data) == (data != "{'hid_layers_activation' = relu")


def test_of_a_text_with_a_mistake_the_words_count_whatever_could_be_read():
    source = read_source('{"ppo": {"agnet": ', "a.json")
    assert looks_like_spec(replace(source, data={"ppo": {}}), source.text)


FOREIGN = {
    "docker-compose.yaml": """
        services:
          agent: {image: agent:1, networks: [net], deploy: {resources: {limits: {memory: 1G}}}}
          env: {build: ./env, command: [serve]}
        networks: {net: {}}
    """,
    "skrl.yaml": """
        seed: 42
        models:
          separate: False
          policy:
            class: GaussianMixin
            network: [{name: net, input: OBSERVATIONS, layers: [32, 32], activations: elu}]
        memory: {class: RandomMemory, memory_size: -1}
        agent: {class: PPO, rollouts: 16, learning_rate_scheduler: KLAdaptiveLR, mixed_precision: False}
        trainer: {class: SequentialTrainer, timesteps: 2400}
    """,
    "rl_games.yaml": """
        params:
          algo: {name: a2c_continuous}
          model: {name: continuous_a2c_logstd}
          network: {name: actor_critic, mlp: {units: [32, 32], activation: elu}, rnn: {name: lstm, units: 64}}
          config: {env_name: rlgpu, normalize_input: True, gamma: 0.99}
    """,
    "rllib.yaml": "cartpole-ppo: {env: CartPole-v1, run: PPO, config: {model: {fcnet_hiddens: [32]}}}",
    "zoo.yml": "CartPole-v1: {n_envs: 8, policy: MlpPolicy, learning_rate: lin_0.001, normalize: true}",
    "marl.yaml": "agents: [{name: a, algorithm: PPO, hidden_layers: [64]}]\nenv: {name: simple_spread}",
    "workflow.yml": "on: push\njobs: {build: {runs-on: ubuntu, env: {A: 1}, steps: [{run: make}]}}",
    "pod.yaml": "kind: Pod\nspec: {containers: [{name: agent, resources: {limits: {memory: 1Gi}}}]}\n---\nkind: Pod\n",
    "Jenkins.yaml": "pipeline: {agent: any, environment: {A: 1}, stages: []}",
    "package.json": '{"name": "agent", "type": "module", "dependencies": {"agent-base": "^7"}}',
    "tsconfig.json": '{"compilerOptions": {"strict": true}} // no more',
    "hf.json": '{"model_type": "bert", "hidden_size": 768, "num_hidden_layers": 12, "batch_norm": true, "seq_len": 8}',
    "timm.json": '{"model": {"type": "ConvNeXt", "depths": [3, 3]}, "optimizer": {"type": "AdamW"}}',
    "broken.json": '{"compilerOptions": {"agents-dir": 1,}',
    "empty.json": "",
    "null.yaml": "null",
    "notes.json": '"MLPNet is a type of net"',
}


@pytest.mark.parametrize("name", FOREIGN)
def test_files_of_others_are_no_specs(name):
    assert not seen(
        "\n".join(line[8:] if line.startswith(" " * 8) else line for line in FOREIGN[name].split("\n")), name
    )


@pytest.mark.parametrize("net_type", [None, "MLPNet"])
def test_a_schema_is_no_spec(net_type):
    assert not seen(for_editors.composed(net_type))


def test_in_the_checkout_itself_the_specs_are_specs():
    files = [
        *ROOT.glob("*.y*ml"),
        *ROOT.glob("*/*.json*"),
        *ROOT.glob("slm_net/*/*.json"),
        *ROOT.glob("tests/*/*.json"),
    ]
    found = {path.parent.name for path in files if seen(path.read_text(encoding="utf-8"), path.name)}
    assert found == {"specs"} and all(seen(path.read_text(), path.name) for path in (ROOT / "specs").iterdir())


def test_the_keys_of_nets_are_keys_of_nets():
    assert set(OF_NETS) <= net_keys()
