"""Graphs as files: GraphDef, MetaGraphDef and SavedModel, written and read as TensorFlow does."""
