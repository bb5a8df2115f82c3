"""A line with delay, loss, a rate and holes, for one TCP port: `line.py NUMBER PORT`.

Makes the device fieldNUMBER with the address 10.77.NUMBER.1. Who connects from it to 10.77.NUMBER.2 meets whoever
listens on 10.77.NUMBER.1: every packet comes back with its two addresses exchanged, which leaves its checksums right.
Says "ready", then takes settings on the standard input, one a line:
delay MS (one way), loss SHARE (0 to 1), rate BYTES_A_SECOND (towards the port; 0: any), hole 0|1. Ends with its input.
"""

import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import sys
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
# What a slow line holds before it loses packets.
QUEUE = 64 * 1024

number, port = int(sys.argv[1]), int(sys.argv[2])
name = f"field{number}"
tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
subprocess.run(["ip", "addr", "add", f"10.77.{number}.1/24", "dev", name], check=True)
subprocess.run(["ip", "link", "set", name, "up"], check=True)
print("ready", flush=True)

set_to = {"delay": 0.0, "loss": 0.0, "rate": 0.0, "hole": 0.0}
chance = random.Random(7)
waiting, order, free_at, held = [], 0, 0.0, 0
pending = b""
while True:
    now = time.monotonic()
    timeout = max(0.0, waiting[0][0] - now) if waiting else None
    ready, _, _ = select.select([tun, 0], [], [], timeout)
    now = time.monotonic()
    if 0 in ready:
        said = os.read(0, 4096)
        if not said:
            break
        *lines, pending = (pending + said).split(b"\n")
        for line in lines:
            word, value = line.decode().split()
            set_to[word] = float(value)
    while tun in ready:
        try:
            packet = os.read(tun, 65536)
        except BlockingIOError:
            break
        if packet[0] >> 4 != 4 or set_to["hole"] or chance.random() < set_to["loss"]:
            continue
        head = (packet[0] & 15) * 4
        towards = packet[9] == 6 and struct.unpack_from("!H", packet, head + 2)[0] == port
        at = now
        if set_to["rate"] and towards:
            if held > QUEUE:
                continue
            free_at = max(free_at, now) + len(packet) / set_to["rate"]
            at, held = free_at, held + len(packet)
        counted = len(packet) if at > now else 0
        packet = packet[:12] + packet[16:20] + packet[12:16] + packet[20:]
        order += 1
        heapq.heappush(waiting, (at + set_to["delay"] / 1000, order, counted, packet))
    while waiting and waiting[0][0] <= now:
        _, _, counted, packet = heapq.heappop(waiting)
        held -= counted
        if not set_to["hole"]:
            try:
                os.write(tun, packet)
            except OSError:
                pass
