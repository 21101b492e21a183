"""Optimizers and what training needs beside them."""
