"""What does a believable small company look like?"""

from models.demo.story import CHAINS, people, tell

__all__ = ["CHAINS", "people", "tell"]
