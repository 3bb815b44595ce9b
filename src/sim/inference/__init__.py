"""What the data say: statistical models of appraisal data to published-grade numbers.

Nothing here knows the simulation: a university partner uses it on real ratings alone.

>>> import pandas as pd
>>> from sim.inference import unit_icc
>>> scores = pd.DataFrame({"unit": ["a", "a", "b", "b", "c", "c"], "score": [4, 4, 3, 2, 1, 2]})
>>> round(float(unit_icc(scores, unit="unit", score="score").table()["estimate"].iloc[0]), 2)
0.81
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
