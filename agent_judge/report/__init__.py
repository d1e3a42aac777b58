"""A run folder told to people: one self-contained page, and a Markdown summary."""

from agent_judge.report.page import write_report
from agent_judge.report.summary import markdown_summary

__all__ = ["markdown_summary", "write_report"]
