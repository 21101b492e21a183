"""The numpy backend: a function becomes straight-line Python over planned buffers."""
