"""Answers to the imports of recipe modules that were written for ``pangeo_forge_recipes`` and ``apache_beam``.

While a recipe module is loaded, these two names lead to small stand-ins, which record what the module builds instead of
doing it. So neither package, nor the old versions that they need, has to be installed.
"""
