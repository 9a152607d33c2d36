"""Embedders that come with the product."""

from labelwright.adapters.embedders.hashed import HashedEmbedder

__all__ = ["HashedEmbedder"]
