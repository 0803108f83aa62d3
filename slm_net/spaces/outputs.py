"""What the nets of an algorithm give out, and the dims of those beside the one that acts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slm_net.document.algorithms import RECIPES
from slm_net.spaces.inputs import Task, check_one_input
from slm_net.spaces.values import DIMS_DO_NOT_FIT, Action, Spaces, refuse
from slm_net.words import did_you_mean, listing, visible

KINDS = {"": "none", "policy": "policy", "actor": "actor-critic", "q": "q"}


class _MainOutputs(Mapping[str, str]):
    """Algorithm → what its main net gives out. "actor-critic" adds the value if the net is shared."""

    def __getitem__(self, name: str) -> str:
        if name not in RECIPES:
            raise KeyError(name)
        return KINDS[RECIPES[name].gives]

    def __iter__(self) -> Iterator[str]:
        return iter(RECIPES)

    def __len__(self) -> int:
        return len(RECIPES)


#: Algorithm → what its main net gives out, registered ones too.
ALGORITHMS: Mapping[str, str] = _MainOutputs()
ALIASES = {
    "SAC": "SoftActorCritic",
    "A2C": "ActorCritic",
    "A3C": "ActorCritic",
    "DDQN": "DoubleDQN",
    "VPG": "Reinforce",
}
DISCRETE_PDTYPES = ("Argmax", "Bernoulli", "Categorical", "GumbelSoftmax", "MultiCategorical")
CONTINUOUS_PDTYPES = ("Beta", "Gumbel", "LogNormal", "MultivariateNormal", "Normal", "NormalTanh")


def output_dim(task: Task, spaces: Spaces) -> tuple[int | list[int], str]:
    """The out_dim of the main net, and the sentence that says why.

    Raises:
        SpecError: the algorithm is unknown or does not take this kind of actions, or the net takes several inputs.
    """
    check_one_input(task)
    kind = _kind(task)
    suffix = f"of {spaces.name}" + (f" ({task.algorithm_name})" if task.algorithm_name else "")
    if kind == "q":
        return _q_values(task, spaces), f"one Q-value per action {suffix}"
    _check_pdtype(task, spaces)
    _check_log_std(task, spaces)
    out_dim, words = policy_dim(spaces.action)
    if kind != "actor-critic" or task.net.get("shared") is not True:
        return out_dim, f"{words} {suffix}"
    heads = out_dim if isinstance(out_dim, list) else [out_dim]
    return [*heads, 1], f"{words}, and the value of the shared critic, {suffix}"


def policy_dim(action: Action) -> tuple[int | list[int], str]:
    """The out_dim of a policy over these actions, and what its numbers are (as in SLM Lab).

    >>> policy_dim(Action("continuous", (3,)))
    ([3, 3], 'means and log standard deviations of 3 action components')
    """
    size = action.sizes[0]
    if action.kind == "discrete":
        return size, "one logit per action"
    if action.kind == "multi-discrete":
        return list(action.sizes), f"one logit per choice of {len(action.sizes)} actions"
    if action.kind == "multi-binary":
        return size, "one logit per switch"
    if size == 1:
        return 2, "mean and log standard deviation of the action"
    return [size, size], f"means and log standard deviations of {size} action components"


def _kind(task: Task) -> str:
    """The kind of the spec's algorithm; a bare net block is a policy."""
    name, cure = task.algorithm_name, "or pass out_dim="
    if task.version is None:
        return "policy"
    if not name:
        raise refuse(
            "the agent has no algorithm",
            f'add "algorithm": {{"name": "DQN"}}, {cure}',
            path=task.algorithm_path(),
        )
    if (kind := ALGORITHMS.get(name)) is None:
        hint = f"{did_you_mean(name, ALGORITHMS, ALIASES)}, {cure}".replace("?,", "?")
        raise refuse(
            f"the outputs of algorithm {visible(name)!r} are not known", hint, path=task.algorithm_path("name")
        )
    return kind


def _q_values(task: Task, spaces: Spaces) -> int | list[int]:
    """One number of actions; for a Hydra a list of them too."""
    if spaces.action.kind == "multi-discrete" and task.net_type == "HydraMLPNet":
        return list(spaces.action.sizes)
    if spaces.action.kind != "discrete":
        others = listing([name for name, kind in ALGORITHMS.items() if kind in ("policy", "actor-critic")])
        raise refuse(
            f"{task.algorithm_name} gives one Q-value per discrete action, but {spaces.name} has "
            f"{spaces.action.kind} actions",
            f"use one of {others}, or an environment with a Discrete action space",
            rule=DIMS_DO_NOT_FIT,
            path=task.algorithm_path("name"),
        )
    return spaces.action.sizes[0]


def _check_pdtype(task: Task, spaces: Spaces) -> None:
    """A distribution over numbers does not act in discrete actions, nor the other way round."""
    wrong = DISCRETE_PDTYPES if spaces.action.kind == "continuous" else CONTINUOUS_PDTYPES
    if (pdtype := task.algorithm.get("action_pdtype")) in wrong:
        right = "Normal" if spaces.action.kind == "continuous" else "Categorical"
        raise refuse(
            f"action_pdtype {pdtype!r} does not fit the {spaces.action.kind} actions of {spaces.name}",
            f'write "default" or "{right}"',
            rule=DIMS_DO_NOT_FIT,
            path=task.algorithm_path("action_pdtype"),
        )


def _check_log_std(task: Task, spaces: Spaces) -> None:
    """Discrete actions have no standard deviation, though two of them look like the mean and scale of one number."""
    if spaces.action.kind == "continuous":
        return
    for key in ("log_std_init", "actor_log_std_init"):
        if task.net.get(key) is not None:
            message = f"{key} is for continuous actions, not for the {spaces.action.kind} ones of {spaces.name}"
            raise refuse(message, "remove it", rule=DIMS_DO_NOT_FIT, path=task.net_path(key))
