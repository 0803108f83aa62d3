"""An arc as data: the layers that there are, the text of modules and a graph as steps, and what size leaves each."""
