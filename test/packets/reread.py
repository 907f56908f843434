# SPDX-License-Identifier: Apache-2.0
"""Reads frames as hexadecimal lines; prints what scapy makes of each: what it says, and the frame with every length and
checksum worked out anew."""
import logging
import sys

logging.getLogger("scapy.runtime").setLevel(logging.ERROR)
from scapy.layers.inet import IP, TCP, UDP  # noqa: E402
from scapy.layers.l2 import Ether  # noqa: E402

FIELDS = {IP: ("ihl", "len", "chksum"), TCP: ("dataofs", "chksum"), UDP: ("len", "chksum")}


def told(frame):
    ip, transport = frame[IP], frame[IP].payload
    flags = f" {transport.flags}" if TCP in frame else ""
    ports = f"{ip.src}:{transport.sport} > {ip.dst}:{transport.dport}"
    return f"{transport.name} {ports}{flags}, {len(transport.payload)} bytes"


for line in sys.stdin:
    frame = Ether(bytes.fromhex(line))
    text = told(frame)
    for layer, fields in FIELDS.items():
        if layer in frame:
            for field in fields:
                delattr(frame[layer], field)
    print(text, bytes(frame).hex(), sep="\t")
