"""Launches the interface that a program defines and does not launch itself."""

import runpy
import sys

import gradio

found = runpy.run_path(sys.argv[1], run_name="__main__")
interfaces = [value for value in found.values() if isinstance(value, gradio.Blocks)]
if not interfaces:
    sys.exit("the program defines no Gradio interface")
interfaces[-1].launch()
