"""The nouns: frozen values, standard library only. `docs/glossary.md` defines each."""
