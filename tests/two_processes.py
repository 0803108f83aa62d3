"""Trains small nets in the processes that torchrun starts, and prints as JSON in how much they differ from one."""

from __future__ import annotations

import json
import warnings
from functools import partial

import torch
import torch.distributed as dist
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.nn.parallel import DistributedDataParallel

import slm_net

MLP = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "tanh"}
SAC = {"agent": {"algorithm": {"name": "SoftActorCritic"}, "net": MLP}, "env": {"name": "Pendulum-v1"}}
RANDOM = torch.Generator().manual_seed(7)
STATES, TARGETS = torch.randn(16, 4, generator=RANDOM), torch.randn(16, 2, generator=RANDOM)


def parallel(model):
    return DistributedDataParallel(model) if any(p.requires_grad for p in model.parameters()) else model


def sharded(model):
    fully_shard(model, mesh=init_device_mesh("cpu", (dist.get_world_size(),)))


WRAPPERS = {"plain": None, "parallel": parallel, "sharded": sharded}


def weights(bundle):
    return torch.cat([tensor.flatten() for tensor in bundle.state_dict()["model"].values()])


def between_processes(bundle):
    """The largest difference of the weights from those of the first process."""
    first = weights(bundle)
    dist.broadcast(first, 0)
    largest = (weights(bundle) - first).abs().max()
    dist.all_reduce(largest, op=dist.ReduceOp.MAX)
    return largest.item()


def accumulation(wrap, *, no_sync=False):
    """Three updates from two halves each; against one process with the whole batch."""
    ours, one = (slm_net.build_net(MLP, 4, 2, seed=0, wrap=each) for each in (wrap, None))
    own = [part[dist.get_rank() :: dist.get_world_size()].chunk(2) for part in (STATES, TARGETS)]
    first, second = zip(*own, strict=True)
    for _ in range(3):
        with ours.model.no_sync() if no_sync else warnings.catch_warnings():
            ours.train_step(ours.loss_fn(ours.model(first[0]), first[1]) / 2, accumulate=True)
        ours.train_step(ours.loss_fn(ours.model(second[0]), second[1]) / 2)
        one.train_step(one.loss_fn(one.model(STATES), TARGETS))
    return max(between_processes(ours), (weights(ours) - weights(one)).abs().max().item())


def statistics_of_one_process():
    """An update whose batch statistics are infinite in the last process alone: what each has skipped."""
    bundle = slm_net.build_net({**MLP, "batch_norm": True}, 4, 2, seed=0, wrap=parallel)
    states = STATES.clone()
    if dist.get_rank() == dist.get_world_size() - 1:
        states[0] = 1e25
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bundle.train_step(bundle.loss_fn(bundle.model(states), TARGETS))
    return [bundle.skipped_steps, between_processes(bundle)]


def soft_actor_critic(wrap):
    """Two updates of all its nets with other states in each process: how far they differ between these."""
    nets = slm_net.build_nets(SAC, seed=0, wrap=wrap)
    random = torch.Generator().manual_seed(dist.get_rank())
    for _ in range(2):
        states, actions = torch.randn(8, 3, generator=random), torch.rand(8, 1, generator=random)
        for name in ("q1_net", "q2_net"):
            nets[name].train_step(nets[name].model(torch.cat([states, actions], 1)).square().mean())
        policy = nets["net"].distribution(nets["net"].model(states))
        actions = policy.rsample()
        surprise = policy.log_prob(actions).reshape(8, -1).sum(1)
        values = nets["q1_net"].model(torch.cat([states, actions], 1))[:, 0]
        nets["net"].train_step((nets.temperature.model().detach() * surprise - values).mean())
        gap = surprise.detach() + nets.target_entropy + 3 * dist.get_rank()
        nets.temperature.train_step(-(nets.temperature.model() * gap).mean())
        nets.update_targets()
    return max(map(between_processes, [*nets.values(), nets.temperature]))


def exchange():
    """A state that each kind of bundle has loaded after a step of its own, from the one before it."""
    bundles = [slm_net.build_net(MLP, 4, 2, seed=seed, wrap=wrap) for seed, wrap in enumerate(WRAPPERS.values())]
    for bundle in bundles:
        bundle.train_step(bundle.loss_fn(bundle.model(STATES), TARGETS))
    for source, target in ((0, 1), (1, 2), (2, 0), (0, 2), (2, 1), (1, 0)):
        bundles[target].load_state_dict(bundles[source].state_dict())
    for bundle in bundles:
        bundle.train_step(bundle.loss_fn(bundle.model(STATES), TARGETS))
    return max((weights(bundle) - weights(bundles[0])).abs().max().item() for bundle in bundles)


def main():
    dist.init_process_group("gloo")
    checks = {
        "accumulation, parallel": partial(accumulation, parallel),
        "accumulation, no_sync": partial(accumulation, parallel, no_sync=True),
        "accumulation, sharded": partial(accumulation, sharded),
        "soft actor-critic, parallel": partial(soft_actor_critic, parallel),
        "soft actor-critic, sharded": partial(soft_actor_critic, sharded),
        "exchange": exchange,
    }
    found = {name: check() for name, check in checks.items()}
    skipped, found["statistics"] = statistics_of_one_process()
    every = [None] * dist.get_world_size()
    dist.all_gather_object(every, skipped)
    if dist.get_rank() == 0:
        print(json.dumps({"differences": found, "skipped": every}))
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
