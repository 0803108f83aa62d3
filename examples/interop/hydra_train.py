"""PPO on CartPole, composed by Hydra: conf/config.yaml is the spec, conf/net/ the group that its net comes from.

python examples/interop/hydra_train.py steps=81920 seed=0
python examples/interop/hydra_train.py net=arc net.actor_optim_spec.lr=3e-4
python examples/interop/hydra_train.py --multirun net=mlp,arc seed=0,1
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import hydra
import torch
from omegaconf import DictConfig

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of ppo.py, which the config names, and common.py


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(config: DictConfig) -> float:
    """Train what the config says; the mean return, at which a sweeper of Hydra may look."""
    from common import evaluate, make

    torch.set_num_threads(1)  # the nets are too small for more
    train = hydra.utils.get_method(config.train)  # which calls slm_net.build_nets(config.spec)
    nets, _ = train(config.spec, config.steps, config.seed)
    returns = evaluate(partial(make, config.spec), nets, episodes=20)
    print(f"{nets['net']}\nmean return of 20 episodes: {returns.mean():.1f} ± {returns.std():.1f}")
    return float(returns.mean())


if __name__ == "__main__":
    main()
