"""Counts packets: `counter.py`, in a network namespace of its own.

Makes the device field0 and routes everything through it, so that whatever is dialled leaves a packet there or on the
loopback; nobody answers. Says "ready", then one line for each packet of TCP or UDP that leaves: `tcp|udp ADDRESS PORT`.
Ends with its input.
"""

import fcntl
import ipaddress
import os
import select
import socket
import struct
import subprocess

TUNSETIFF, IFF_TUN, IFF_NO_PI, OUTGOING = 0x400454CA, 1, 0x1000, 4
tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", b"field0", IFF_TUN | IFF_NO_PI))
for line in [
    "addr add 25.1.1.1/24 dev field0",
    "-6 addr add 2a00:1::1/64 dev field0 nodad",
    "link set field0 up",
    "route add default dev field0",
    "-6 route add default dev field0",
]:
    subprocess.run(["ip", *line.split()], check=True)
every = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0003))
print("ready", flush=True)

while True:
    ready, _, _ = select.select([tun, every, 0], [], [])
    if 0 in ready and not os.read(0, 4096):
        break
    if tun in ready:
        # Only so that it does not fill.
        os.read(tun, 65536)
    if every in ready:
        packet, (_, _, kind, _, _) = every.recvfrom(65536)
        if kind != OUTGOING:
            continue
        version = packet[0] >> 4
        head = (packet[0] & 15) * 4 if version == 4 else 40
        protocol = packet[9] if version == 4 else packet[6]
        to = packet[16:20] if version == 4 else packet[24:40]
        if version in (4, 6) and protocol in (6, 17):
            port = struct.unpack_from("!H", packet, head + 2)[0]
            print("tcp" if protocol == 6 else "udp", ipaddress.ip_address(to), port, flush=True)
