"""Programs and models as files that jax alone runs: `diptych.export`, and the verb `export`.

A model is noted once, or written down from its graph, as a function of its arguments in which its weights stand as
constants. So the file needs nothing beside it.
"""

from .models import Model, export, exported_bytes, model_of
