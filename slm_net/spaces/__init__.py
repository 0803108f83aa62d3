"""Environment and algorithm to in_dim and out_dim.

Spaces are read by their attributes, so neither gymnasium nor torch nor numpy is imported here; gymnasium comes in only
for an id that the table of environments does not have.
"""

from slm_net.spaces.environments import known_environments, spaces_of
from slm_net.spaces.infer import Dims, infer_dims
from slm_net.spaces.other_nets import other_net
from slm_net.spaces.outputs import ALGORITHMS, policy_dim
from slm_net.spaces.values import Action, Observation, Spaces, given_spaces

__all__ = [
    "ALGORITHMS",
    "Action",
    "Dims",
    "Observation",
    "Spaces",
    "given_spaces",
    "infer_dims",
    "known_environments",
    "other_net",
    "policy_dim",
    "spaces_of",
]
