"""Turns Autobahn's index.json into a summary in Markdown; exits 1 when the run is not acceptable.

Runs on Python 2.7, the only one the suite knows, and on 3.
"""
from __future__ import print_function

import io
import json
import sys

SECTIONS = {
    "1": "framing", "2": "pings and pongs", "3": "reserved bits", "4": "opcodes", "5": "fragmentation",
    "6": "UTF-8", "7": "close", "9": "limits and performance", "10": "automatic fragmentation",
    "12": "permessage-deflate", "13": "permessage-deflate, parameters",
}
COLUMNS = ["OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED", "FAILED"]
FINE = {"OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED"}


def main(path):
    with io.open(path, encoding="utf-8") as file:
        cases = list(json.load(file).values())[0]
    order = sorted(cases, key=lambda name: [int(part) for part in name.split(".")])
    table, remarkable, refused = {}, [], []
    for name in order:
        behaviour, close = cases[name]["behavior"], cases[name]["behaviorClose"]
        row = table.setdefault(name.split(".")[0], dict.fromkeys(COLUMNS, 0))
        row[behaviour if behaviour in row else "FAILED"] += 1
        if behaviour != "OK" or close != "OK":
            remarkable.append((name, behaviour, close))
        strict = name.startswith("6.4.")
        if behaviour not in FINE or close not in FINE or (strict and behaviour != "OK"):
            refused.append(name)

    print("# Autobahn test suite\n")
    print("AutobahnTestSuite 0.8.2, fuzzing client, against `halley-echo` over TLS on loopback; made by `autobahn.sh`.\n")
    print("| section | cases | " + " | ".join(COLUMNS) + " |")
    print("|---|---" + "|---" * len(COLUMNS) + "|")
    for section in sorted(table, key=int):
        row = table[section]
        label = "%s %s" % (section, SECTIONS.get(section, ""))
        print("| %s | %d | %s |" % (label, sum(row.values()), " | ".join(str(row[column]) for column in COLUMNS)))
    total = [sum(table[section][column] for section in table) for column in COLUMNS]
    print("| **all** | %d | %s |" % (sum(total), " | ".join(str(count) for count in total)))
    print("")
    if remarkable:
        print("Cases that are not plainly OK (case: behaviour, close):\n")
        for name, behaviour, close in remarkable:
            print("- %s: %s, %s" % (name, behaviour, close))
    else:
        print("Every case is OK, its close too.")
    print("")
    if refused or not order:
        print("Not acceptable: " + (", ".join(refused) or "no case ran"))
        return 1
    print("Acceptable: nothing FAILED, every close was clean, and all of 6.4 (fail fast on bad UTF-8) is OK.")
    return 0


sys.exit(main(sys.argv[1]))
