"""A network block device, whose server is a process of this guest.

The protocol is that of include/uapi/linux/nbd.h, with the older way to set a device up, by ioctl.
"""

import fcntl
import os
import socket
import struct

NBD_SET_SOCK, NBD_SET_BLKSIZE, NBD_DO_IT = 0xAB00, 0xAB01, 0xAB03
NBD_SET_SIZE_BLOCKS, NBD_SET_FLAGS = 0xAB07, 0xAB0A
HAS_FLAGS, SEND_FLUSH, SEND_TRIM = 1, 4, 32
READ, WRITE, DISCONNECT, FLUSH, TRIM = range(5)
REQUEST = struct.Struct(">IHH8sQI")  # magic, flags, command, cookie, offset, length
REPLY_MAGIC = 0x67446698
BLOCK = 512


def receive(connection, size):
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def serve(connection, size):
    """Does what the kernel asks for, until it goes."""
    content = bytearray(size)
    while True:
        _, _, command, cookie, offset, length = REQUEST.unpack(receive(connection, REQUEST.size))
        if command == DISCONNECT:
            return
        if command == WRITE:
            content[offset:offset + length] = receive(connection, length)
        if command == TRIM:
            content[offset:offset + length] = bytes(length)
        reply = struct.pack(">II8s", REPLY_MAGIC, 0, cookie)
        connection.sendall(reply + (content[offset:offset + length] if command == READ else b""))


def in_child(work):
    """Until the guest ends: without the output, of which whoever reads it waits for the end."""
    if os.fork():
        return
    try:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        work()
    finally:
        os._exit(0)


def connect(path, size):
    """Makes the node of an nbd device a disk of this size in bytes."""
    ours, theirs = socket.socketpair()
    device = os.open(path, os.O_RDWR)
    fcntl.ioctl(device, NBD_SET_BLKSIZE, BLOCK)
    fcntl.ioctl(device, NBD_SET_SIZE_BLOCKS, size // BLOCK)
    fcntl.ioctl(device, NBD_SET_FLAGS, HAS_FLAGS | SEND_FLUSH | SEND_TRIM)
    fcntl.ioctl(device, NBD_SET_SOCK, theirs.fileno())

    def serve_alone():
        theirs.close()
        os.close(device)
        serve(ours, size)

    in_child(serve_alone)
    ours.close()
    in_child(lambda: fcntl.ioctl(device, NBD_DO_IT))
    theirs.close()
    os.close(device)
