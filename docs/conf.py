"""How Sphinx builds the documentation: `make docs`."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

import pangeo_forge

project = "pangeo-forge"
author = project_copyright = "The pangeo-forge developers"
release = version = pangeo_forge.__version__

sys.path.insert(0, str(Path(__file__).parent))
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "rule_pages"]
myst_heading_anchors = 3
exclude_patterns = ["requirements.txt"]
# A page that others add is part of the site as soon as it is there.
suppress_warnings = ["toc.not_included"]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_type_aliases = {"Source": "Source", "Packing": "Packing"}
napoleon_use_rtype = False
default_role = "py:obj"
python_use_unqualified_type_names = True
maximum_signature_line_length = 100

html_theme = "furo"
html_title = "pangeo-forge"
html_show_sphinx = False
html_copy_source = False


class Help(Directive):
    """What a command says of itself: ``.. help:: recipe run``."""

    optional_arguments = 9
    final_argument_whitespace = False

    def run(self) -> list[nodes.Node]:
        """Ask the command."""
        command = [str(Path(sysconfig.get_path("scripts"), "pangeo-forge")), *self.arguments, "--help"]
        environ = {"COLUMNS": "100", "TERM": "dumb", "PATH": str(Path(sys.executable).parent), "HOME": "/nonexistent"}
        ended = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
        return [nodes.literal_block(ended.stdout, ended.stdout, language="text")]


def setup(app: Sphinx) -> None:
    """Add what the pages use."""
    app.add_directive("help", Help)
