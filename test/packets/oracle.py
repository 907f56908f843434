# SPDX-License-Identifier: Apache-2.0
"""An implementation that is not ours. Reads a request a line as JSON, answers each with a line: see oracle.ts.

Whatever it makes, scapy works lengths and checksums out anew."""
import json
import logging
import sys

logging.getLogger("scapy.runtime").setLevel(logging.ERROR)
from scapy.layers.inet import ICMP, IP, TCP, UDP, defragment  # noqa: E402
from scapy.layers.inet6 import (  # noqa: E402
    ICMPv6DestUnreach,
    ICMPv6EchoReply,
    ICMPv6EchoRequest,
    ICMPv6PacketTooBig,
    ICMPv6ParamProblem,
    ICMPv6TimeExceeded,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    defragment6,
)
from scapy.layers.ipsec import AH  # noqa: E402
from scapy.layers.l2 import Dot1AD, Dot1Q, Ether  # noqa: E402
from scapy.layers.sctp import SCTP  # noqa: E402
from scapy.packet import NoPayload, Padding, Raw  # noqa: E402

ICMPV6_ERRORS = (ICMPv6DestUnreach, ICMPv6PacketTooBig, ICMPv6TimeExceeded, ICMPv6ParamProblem)
ICMPV6 = (*ICMPV6_ERRORS, ICMPv6EchoRequest, ICMPv6EchoReply)
EXTENSIONS = {
    IPv6ExtHdrHopByHop: "hop-by-hop",
    IPv6ExtHdrRouting: "routing",
    IPv6ExtHdrDestOpt: "destination options",
    AH: "authentication",
}
TRANSPORTS = (TCP, UDP, SCTP, ICMP, *ICMPV6)
DERIVED = {
    IP: ("ihl", "len", "chksum"),
    IPv6: ("plen",),
    TCP: ("dataofs", "chksum"),
    UDP: ("len", "chksum"),
    SCTP: ("chksum",),
    ICMP: ("chksum",),
    **{kind: ("cksum",) for kind in ICMPV6},
}


def layers(packet):
    while not isinstance(packet, NoPayload):
        yield packet
        packet = packet.payload


def is_kind(layer, *kinds):
    return type(layer) in kinds


def is_error(layer):
    return is_kind(layer, *ICMPV6_ERRORS) or (is_kind(layer, ICMP) and layer.type in (3, 4, 5, 11, 12))


def is_fragment(layer):
    if is_kind(layer, IP):
        return bool(layer.flags.MF) or layer.frag > 0
    return is_kind(layer, IPv6ExtHdrFragment) and (layer.m or layer.offset)


def parsed(frame):
    """What a quoted packet is cut off to is left as it is: as bytes."""
    packet = Ether(frame)
    for layer in layers(packet):
        if is_error(layer) and not is_kind(layer.payload, NoPayload, Raw):
            quoted = layer.payload.original
            layer.remove_payload()
            layer.add_payload(Raw(quoted))
    return packet


def blank(packet):
    """Takes away what follows from the rest. A fragment has only a part of what its transport's checksum is about."""
    in_pieces = False
    for layer in layers(packet):
        in_pieces = in_pieces or is_fragment(layer)
        whole = not in_pieces or not is_kind(layer, *TRANSPORTS)
        without_checksum = is_kind(layer, UDP) and layer.chksum == 0
        for field in DERIVED.get(type(layer), ()) if whole else ():
            if not (field == "chksum" and without_checksum):
                delattr(layer, field)
    return packet


def both(network, transport):
    source, destination = network.src, network.dst
    if not hasattr(transport, "sport"):
        return f"{source} > {destination}"
    ends = ((source, transport.sport), (destination, transport.dport))
    return " > ".join(f"[{address}]:{port}" if ":" in address else f"{address}:{port}" for address, port in ends)


def said(network, layer):
    """One layer's part of the text; the last part is of the transport, or of the network where there is none."""
    if is_kind(layer, Dot1Q, Dot1AD):
        return f"VLAN {layer.vlan}"
    if type(layer) in EXTENSIONS:
        return EXTENSIONS[type(layer)]
    if is_kind(layer, IP, IPv6) and is_kind(layer.payload, IP, IPv6):
        return f"tunnel {layer.src} > {layer.dst}"
    if is_fragment(layer):
        offset = layer.frag if is_kind(layer, IP) else layer.offset
        more = layer.flags.MF if is_kind(layer, IP) else layer.m
        return f"fragment at {offset * 8}{' of more' if more else ''}"
    if is_kind(layer, *ICMPV6, ICMP):
        name = "ICMP" if is_kind(layer, ICMP) else "ICMPv6"
        return f"{name} {both(network, layer)} {layer.type}/{layer.code}, {len(layer.payload)} bytes"
    if is_kind(layer, TCP, UDP, SCTP):
        flags = f" {layer.flags}" if is_kind(layer, TCP) else ""
        return f"{layer.name} {both(network, layer)}{flags}, {len(layer.payload)} bytes"
    return None


def told(packet):
    parts, network = [], None
    for layer in layers(packet):
        if is_kind(layer, IP, IPv6):
            network = layer
        parts.append(said(network, layer))
        if is_kind(layer, *TRANSPORTS):
            break
    return ": ".join(part for part in parts if part)


def reread(frame):
    """What scapy makes of a frame: what it says, and the frame anew."""
    packet = parsed(frame)
    return {"text": told(packet), "frame": bytes(blank(packet)).hex()}


def reassembled(frames):
    """The same of a datagram's fragments, together."""
    packets = [Ether(frame) for frame in frames]
    if IPv6 in packets[0]:
        rebuilt = defragment6([packet[IPv6] for packet in packets])
        rebuilt = Ether(src=packets[0].src, dst=packets[0].dst) / rebuilt
    else:
        rebuilt = defragment(packets)[0]
    return reread(bytes(rebuilt))


def replace(packet, change):
    """Addresses, ports and hops of the first IP header of `packet` and of what it carries."""
    network = next(layer for layer in layers(packet) if is_kind(layer, IP, IPv6))
    network.src = change.get("source", network.src)
    network.dst = change.get("destination", network.dst)
    hops = "ttl" if is_kind(network, IP) else "hlim"
    setattr(network, hops, getattr(network, hops) - change.get("hops", 0))
    transport = next((layer for layer in layers(network) if is_kind(layer, TCP, UDP, SCTP)), None)
    if transport:
        transport.sport = change.get("sourcePort", transport.sport)
        transport.dport = change.get("destinationPort", transport.dport)
    if any(is_fragment(layer) for layer in layers(network)):
        raise ValueError("a fragment does not say what the checksum of its datagram is")
    return network


def quoted_anew(error, quoted):
    """The quoted packet is built anew from the whole one, and cut to the length that it had."""
    whole = Ether(bytes.fromhex(quoted["whole"]))
    packet = replace(blank(whole), quoted)
    rebuilt = bytes(packet)[: len(error.payload)]
    error.remove_payload()
    error.add_payload(Raw(rebuilt))


def wrapped(packet, outer):
    """A packet in a tunnel's outer header, without the padding of its frame."""
    lowest = packet
    while not is_kind(lowest.payload, IP, IPv6):
        lowest = lowest.payload
    inner = lowest.payload
    for layer in layers(inner):
        if is_kind(layer.payload, Padding):
            layer.remove_payload()
    if ":" in outer["source"]:
        header = IPv6(src=outer["source"], dst=outer["destination"], hlim=outer.get("ttl", 64), tc=outer.get("tos", 0))
    else:
        flags = "DF" if outer.get("dontFragment") else 0
        header = IP(src=outer["source"], dst=outer["destination"], ttl=outer.get("ttl", 64), tos=outer.get("tos", 0))
        header.id, header.flags = outer.get("id", 0), flags
    lowest.remove_payload()
    lowest.add_payload(header / inner)
    # scapy sets what leads to a header only where nothing was said
    delattr(lowest, "type")


def rewritten(frame, change):
    packet = blank(parsed(frame))
    packet.dst, packet.src = change["to"], change["from"]
    replace(packet, change)
    error = next((layer for layer in layers(packet) if is_error(layer)), None)
    if "quoted" in change:
        quoted_anew(error, change["quoted"])
    if "outer" in change:
        wrapped(packet, change["outer"])
    return {"frame": bytes(packet).hex()}


def answer(request):
    if "reassemble" in request:
        return reassembled([bytes.fromhex(frame) for frame in request["reassemble"]])
    frame = bytes.fromhex(request["frame"])
    return rewritten(frame, request["change"]) if "change" in request else reread(frame)


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))))
