"""The shapes that travel, as OpenAPI shows them and the page's types are made from."""
