"""What a module of an arc may be called: its name is the name of an attribute of a torch module."""

from __future__ import annotations

from slm_net.words import visible

_NAMES = """
T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches eval
extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict modules
mtia named_buffers named_children named_modules named_parameters parameters register_backward_hook register_buffer
register_forward_hook register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook
register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module register_parameter
register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory
state_dict to to_empty train training type xpu zero_grad
"""
#: The attributes of every torch module, whose names no module in it can have; so are all that begin with "_".
ATTRIBUTES = frozenset(_NAMES.split())
LONGEST_NAME = 200


def name_fault(name: str) -> tuple[str, str] | None:
    """Why a module cannot be called so, and what to write; None if it can. A dot puts it into another one.

    >>> name_fault("enc.l1"), name_fault("train")
    (None, ("'train' is an attribute of every torch module", 'write train_'))
    """
    shown, parts = repr(visible(name)), name.split(".")
    if not all(parts):
        return f"{shown} {'has an empty part' if name else 'is no name'}", "write a name of letters, for example body"
    if len(name) > LONGEST_NAME:
        return f"a name of {len(name):,} letters", f"at most {LONGEST_NAME} are allowed"
    if not name.isprintable():
        return f"{shown} has characters that cannot be printed", "write letters and digits"
    if "~" in name:
        return f"{shown} has a ~, with which a node calls a module again", f"write {visible(name.replace('~', '_'))}"
    if taken := next((part for part in parts if part in ATTRIBUTES or part.startswith("_")), ""):
        better = f"{taken}_".lstrip("_") if taken.strip("_") else "body"
        return f"{visible(taken)!r} is an attribute of every torch module", f"write {visible(better)}"
    return None
