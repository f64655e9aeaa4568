"""Clients of AWS's Lambda extensions, for the code of a function.

A package of its own, which needs the standard library and nothing of ``aws_cdk``: ``PythonCode``
copies it into the asset of an application that imports it.
"""
