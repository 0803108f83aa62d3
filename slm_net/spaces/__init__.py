"""Environment and algorithm to in_dim and out_dim.

Spaces are read by their attributes, so neither gymnasium nor torch nor numpy is imported here; gymnasium comes in only
for an id that the table of environments does not have.
"""

from slm_net.spaces.environments import known_environments, nearest_environment, spaces_of
from slm_net.spaces.infer import infer_dims
from slm_net.spaces.outputs import other_net, policy_dim
from slm_net.spaces.task import Dims, spec_of
from slm_net.spaces.values import Action, Observation, Spaces, given_spaces

__all__ = [
    "Action",
    "Dims",
    "Observation",
    "Spaces",
    "given_spaces",
    "infer_dims",
    "known_environments",
    "nearest_environment",
    "other_net",
    "policy_dim",
    "spaces_of",
    "spec_of",
]
