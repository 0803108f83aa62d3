"""Specs as they were written for older SLM Labs, and how the text of one is migrated."""

from slm_net.document.specs import read_document
from slm_net.migration.migrate import migrated
from slm_net.validation import validate

#: SLM Lab 1 to 3: settings that have other names now, lists, commas, and comments of the team.
OLDEST = """\
{
  // the first one that learned
  "dqn_cartpole": {
    "agent": [
      {
        "name": "DQN",
        "algorithm": {
          "name": "DQN",
          "action_pdtype": "Argmax",
          "action_policy": "epsilon_greedy",
          "action_policy_update": "linear_decay",
          "explore_var_start": 1.0,
          "explore_var_end": 0.1,
          "explore_anneal_timestep": 10000,  // frames
          "gamma": 0.99,
          "training_batch_epoch": 4,
          "training_epoch": 3,
          "training_frequency": 4,
          "normalize_state": true
        },
        "memory": {"name": "SeqReplay", "batch_size": 32, "max_size": 10000},
        "net": {
          "type": "MLPNet",
          "hid_layers": [64],
          "hid_layers_activation": "selu",
          "clip_grad": false,
          "lr_scheduler_spec": {"name": "LinearToZero", "total_t": 20000},
          "update_type": "polyak",
          "polyak_weight": 0.9
        }
      }
    ],
    "env": [{
      "name": "CartPole-v0",
      "max_timestep": null,
      "max_tick": 10000,
    }],
    "body": {"product": "outer", "num": 1},
    "meta": {
      "distributed": true,
      "max_session": 1,
      "max_tick_unit": "total_t",
      "search": "RandomSearch",
      "resources": {"num_cpus": 4, "num_gpus": 0},
      "train_mode": true
    },
    "search": {
      "agent": [{"net": {"hid_layers__grid_search": [[32], [64]]}}],
    }
  }
}
"""
#: SLM Lab 4: all is right but for the layout, the frames of Atari and the name of the game.
FOUR = """\
{
  "ppo_pong": {
    "agent": [{
      "name": "PPO",
      "algorithm": {"name": "PPO", "gamma": 0.99, "lam": 0.7, "time_horizon": 128, "training_epoch": 4},
      "memory": {"name": "OnPolicyBatchReplay",},
      "net": {
        "type": "ConvNet", "shared": true, "use_same_optim": true, "normalize": true, "batch_norm": false,
        "conv_hid_layers": [[8, 8, 4, 0, 1], [8, 4, 2, 0, 1]], "fc_hid_layers": [16], "hid_layers_activation": "relu"
      }
    }],
    "env": [{
      "name": "PongNoFrameskip-v4",
      "frame_op": "concat",
      "frame_op_len": 4,
      "image_downsize": [84, 84],
      "reward_scale": "sign",
      "normalize_state": true,
      "max_frame": 1e7
    }],
    "body": {"product": "outer", "num": 1},
    "meta": {"distributed": false, "max_session": 1, "max_trial": 1, "num_gpus": 1}
  }
}
"""
YAML = """\
# for the older lab
sac:
  agent:
    - name: SAC
      # the algorithm
      algorithm: {name: SoftActorCritic, gamma: 0.99, training_frequency: 1, training_iter: 1}
      memory: {name: Replay, batch_size: 32, max_size: 1000}
      net:
        type: MLPNet
        hid_layers: [64]
        hid_layers_activation: relu
        optim_spec: {name: Adam, lr: 1e-3}  # slow
  env:
  - name: Pendulum-v0
    max_frame: 10000
  body: {product: outer, num: 1}
  meta: {distributed: false, max_session: 1}
"""


def migrate(text, file="a.json"):
    """The migrated text, and what is left."""
    found = migrated(read_document(text, file))
    return found.document.source.text, found.left


def errors_in(text):
    return [str(problem) for problem in validate(text, for_="slm-lab-5") if problem.severity == "error"]
