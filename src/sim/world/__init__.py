"""One run of an agency under a policy."""

from sim.world.scenario import Scenario
from sim.world.world import World

__all__ = ["Scenario", "World"]
