"""What a policy net's outputs say about actions."""

from slm_net.distributions.multi_categorical import MultiCategorical
from slm_net.distributions.policy import DISTRIBUTIONS, LOG_STD_MAX, LOG_STD_MIN, action_distribution

__all__ = ["DISTRIBUTIONS", "LOG_STD_MAX", "LOG_STD_MIN", "MultiCategorical", "action_distribution"]
