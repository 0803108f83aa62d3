"""What is known of each net type before anything is built: a record a type, in a file a family, without torch."""

from slm_net.net_types.base import NET_TYPES
from slm_net.net_types.conv import CONV
from slm_net.net_types.dueling import DUELING_CONV, DUELING_MLP, DUELING_RECURRENT
from slm_net.net_types.hydra import HYDRA
from slm_net.net_types.mlp import MLP
from slm_net.net_types.q import FILM_Q_CONV, Q_CONV, Q_MLP
from slm_net.net_types.recurrent import RECURRENT

for _type in (MLP, RECURRENT, CONV, DUELING_MLP, DUELING_RECURRENT, DUELING_CONV, HYDRA, Q_MLP, Q_CONV, FILM_Q_CONV):
    NET_TYPES.register(_type.name)(_type)
