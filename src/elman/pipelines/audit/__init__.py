"""What labelled text is like before a model learns from it: counts, leaks, contradictions, slips."""

from elman.pipelines.audit.auditing import Audit, audit, audit_files
from elman.pipelines.audit.kinds import KINDS, Kind, chosen

__all__ = ["KINDS", "Audit", "Kind", "audit", "audit_files", "chosen"]
