"""What every test shares: repeatable hypothesis examples and the peers' backend."""

import os

from hypothesis import settings

# Keras reads this when it is first imported; only tests that compare with it do so.
os.environ.setdefault("KERAS_BACKEND", "torch")

settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("repeatable")
