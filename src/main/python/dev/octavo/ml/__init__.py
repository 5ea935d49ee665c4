"""The stages by the names of their Java classes, which pyspark.ml looks for when it loads a pipeline."""

from octavo import *  # noqa: F403
