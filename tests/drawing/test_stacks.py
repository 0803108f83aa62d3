from slm_net.drawing.record import LayerFacts
from slm_net.drawing.stacks import lines_of


def layer(kind, index=0):
    return LayerFacts(f"body.{index}", kind, ((8,),), (8,), 72)


def test_what_comes_again_together_stands_once():
    lines = lines_of([layer("LayerNorm"), layer("Linear"), layer("Dropout")] * 4)
    assert [(line.layer.kind, line.times, line.group) for line in lines] == [
        ("LayerNorm", 4, 1),
        ("Linear", 4, 1),
        ("Dropout", 4, 1),
    ]


def test_two_alike_stay_two():
    assert [line.times for line in lines_of([layer("Linear"), layer("Linear")])] == [1, 1]


def test_a_long_list_has_no_middle():
    kinds = [f"Kind{index}" for index in range(40)]
    lines = lines_of([layer(kind) for kind in kinds])
    assert [line.layer.kind if line.layer else line.left_out for line in lines] == [*kinds[:6], 32, *kinds[-2:]]
