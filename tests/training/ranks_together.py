"""A program that two processes run together; each prints what it found as one line of JSON, for test_ranks."""

import json
import math
import os
import sys
import warnings

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.nn.parallel import DistributedDataParallel

import slm_net
from slm_net.training import TargetUpdate
from slm_net.training.ranks import is_sharded

MLP = {"type": "MLPNet", "hid_layers": [16, 16], "hid_layers_activation": "relu", "clip_grad_val": 0.1}
OPTIMIZERS = ("Adam", "AdamW", "SGD", "RMSprop", "Lookahead", "Adagrad", "NAdam", "RAdam", "Adamax")


def parallel(model):
    trained = any(parameter.requires_grad for parameter in model.parameters())
    return DistributedDataParallel(model) if trained else model


def sharded(model):
    from torch.distributed.fsdp import fully_shard

    fully_shard(model, mesh=init_device_mesh("cpu", (2,)))


def compiled(model):
    return torch.compile(parallel(model), backend="eager")


WRAPS = {"ddp": parallel, "fsdp": sharded, "compiled": compiled}


def spec(optimizer="Adam", **keys):
    lr = {"momentum": 0.9} if optimizer in ("SGD", "RMSprop") else {}
    return {**MLP, "optim_spec": {"name": optimizer, "lr": 0.01, **lr}, **keys}


def build(wrap=None, seed=0, **keys):
    return slm_net.build_net(spec(**keys), 4, 2, seed=seed, wrap=WRAPS.get(wrap))


def train(bundle, seeds, rank=None):
    """Steps on a batch of 8; on the half of `rank` if it is given."""
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        x, y = torch.randn(8, 4, generator=generator), torch.randn(8, 2, generator=generator)
        rows = slice(None) if rank is None else slice(4 * rank, 4 * rank + 4)
        bundle.train_step(bundle.loss_fn(bundle.model(x[rows]), y[rows]))


def distance(one, other):
    """The largest difference of two states' weights."""
    weights = [bundle.state_dict()["model"] for bundle in (one, other)]
    return max((weights[0][name] - weights[1][name]).abs().max().item() for name in weights[1])


def same_state(one, other):
    states = [bundle.state_dict()["optimizer"] for bundle in (one, other)]
    return all(
        torch.equal(value, states[1]["state"][name][key])
        for name, kept in states[0]["state"].items()
        for key, value in kept.items()
        if isinstance(value, torch.Tensor)
    )


def like_one_process(wrap, rank):
    """Every optimizer, clipped: how far two processes are from one with the whole batch."""
    found = {}
    for optimizer in OPTIMIZERS:
        both, alone = build(wrap, optimizer=optimizer), build(optimizer=optimizer)
        train(both, range(4), rank)
        train(alone, range(4))
        found[optimizer] = distance(both, alone)
        found[f"{optimizer} norm"] = abs(float(both.grad_norm) - float(alone.grad_norm))
    return found


def skips(wrap, rank):
    """An infinite loss in one process, whose gradients are finite: all skip."""
    bundle = build(wrap)
    train(bundle, [0], rank)
    before = bundle.state_dict()["model"]
    before = {name: tensor.clone() for name, tensor in before.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        bundle.train_step(bundle.model(torch.ones(4, 4)).mean() + (math.inf if rank == 0 else 0.0))
    after = bundle.state_dict()["model"]
    return bundle.skipped_steps, all(torch.equal(before[name], after[name]) for name in before)


def plateau(wrap, rank):
    """The metric of a plateau schedule is the mean loss of all processes."""
    bundle = build(wrap, lr_scheduler_spec={"name": "ReduceLROnPlateau"})
    loss = bundle.model(torch.ones(4, 4)).mean() * 0 + float(rank)
    bundle.train_step(loss)
    return bundle.lr_scheduler.scheduler.best


def exchange(wrap, rank):
    """States from wrapped to plain to wrapped, before the first step and after some."""
    found = []
    for optimizer in OPTIMIZERS:
        for steps in (0, 2):
            first, plain, last = build(wrap, 0, optimizer=optimizer), build(None, 1, optimizer=optimizer), None
            train(first, range(steps), rank)
            before = first.state_dict()["optimizer"]["state"].keys()
            plain.load_state_dict(first.state_dict())
            last = build(wrap, 2, optimizer=optimizer)
            last.load_state_dict(plain.state_dict())
            fine = distance(first, last) == 0 and same_state(first, last) and same_state(first, plain)
            fine = fine and first.state_dict()["optimizer"]["state"].keys() == before
            train(first, [7], rank)
            train(last, [7], rank)
            found.append(fine and distance(first, last) == 0)
    return all(found)


def saved(wrap, rank):
    """All processes save, the first one writes, and each loads a plain net and a wrapped one."""
    first = build(wrap)
    train(first, [1, 2], rank)
    first.save(os.environ["FOLDER"])
    dist.barrier()
    plain, last = slm_net.load(os.environ["FOLDER"]), slm_net.load(os.environ["FOLDER"], wrap=WRAPS[wrap])
    fine = distance(first, plain) == 0 and distance(first, last) == 0 and same_state(first, plain)
    train(first, [7], rank)
    train(last, [7], rank)
    return fine and distance(first, last) == 0


def targets(wrap, rank):
    """A whole agent: the target follows its source, wrapped or not."""
    net = {**MLP, "update_type": "polyak", "polyak_coef": 0.5}
    agent = {"agent": {"algorithm": {"name": "DQN"}, "net": net}, "env": {"name": "CartPole-v1"}}
    nets, alone = slm_net.build_nets(agent, seed=0, wrap=WRAPS[wrap]), slm_net.build_nets(agent, seed=0)
    for bundles, part in ((nets, rank), (alone, None)):
        train(bundles["net"], range(2), part)
        bundles.update_targets()
    half = TargetUpdate("polyak", 1, 0.5)
    plain = build(seed=3)
    half.update(nets["net"].model, plain.model)  # into a plain net
    poisoned = build(wrap, seed=4)
    state = {name: tensor.clone() for name, tensor in poisoned.state_dict()["model"].items()}
    with torch.no_grad():
        next(iter(nets["net"].module.parameters())).mul_(math.nan if rank == 0 else 1.0)
    half.update(nets["net"].module, poisoned.module)  # no process lets anything in
    return {
        "target": distance(nets["target_net"], alone["target_net"]),
        "plain": bool(torch.isfinite(torch.cat([p.flatten() for p in plain.model.parameters()])).all()),
        "clean": all(torch.equal(state[name], new) for name, new in poisoned.state_dict()["model"].items()),
        "frozen": not any(p.requires_grad for p in nets["target_net"].model.parameters()),
        "sharded": any(map(is_sharded, nets["target_net"].model.parameters())),
        "module": type(nets["net"].module).__name__,
    }


def temperature(wrap, rank):
    """SAC's temperature is one for all processes."""
    agent = {"agent": {"algorithm": {"name": "SoftActorCritic"}, "net": MLP}, "env": {"name": "Pendulum-v1"}}
    nets = slm_net.build_nets(agent, seed=0, wrap=WRAPS[wrap])
    nets.temperature.train_step((nets.temperature.model() * (rank + 1.0)).mean())
    return nets.log_alpha.item(), nets.temperature.grad_norm.item()


def accumulated(wrap, rank):
    """Two calls of one row each are one of two."""
    both, alone = build(wrap), build()
    x, y = torch.ones(4, 4), torch.arange(8.0).reshape(4, 2)
    for piece in range(2):
        row = slice(2 * rank + piece, 2 * rank + piece + 1)
        both.train_step(nn.functional.mse_loss(both.model(x[row]), y[row]) / 2, accumulate=piece == 0)
    alone.train_step(nn.functional.mse_loss(alone.model(x), y))
    return distance(both, alone)


CHECKS = {"like": like_one_process, "skips": skips, "plateau": plateau, "exchange": exchange, "targets": targets}
CHECKS |= {"temperature": temperature, "accumulated": accumulated, "saved": saved}


def main():
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    rank, found = dist.get_rank(), {}
    for wrap in sys.argv[1:]:
        for name, check in CHECKS.items():
            if (wrap, name) != ("fsdp", "temperature"):
                found[f"{wrap} {name}"] = check(wrap, rank)
    print(json.dumps(found), flush=True)
    dist.barrier()
    os._exit(0)  # torch may hang where wrapped nets outlive their process group


if __name__ == "__main__":
    main()
