"""What the data say: statistical models of appraisal data to published-grade numbers.

Nothing here knows the simulation: a university partner uses it on real ratings alone.

>>> from sim.inference import cronbach_alpha
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
