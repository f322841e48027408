"""Under full load, every request is a row or a loss that is told of."""

import os

import measure
import tracer
from loop import LoopDisk

SECONDS = 5


class Load(tracer.Check):
    def run_load(self, *arguments, **options):
        self.loop()
        with LoopDisk(os.path.join(tracer.place.path, "disk")) as disk:
            alone = measure.alone(disk, SECONDS)
            traced = measure.disksnoop(disk, SECONDS, *arguments, **options)
        self.assertGreater(traced.requests, 1000, "requests")
        self.figures = (f"{alone.iops:.0f} I/O per second without and {traced.iops:.0f} with it, "
                        f"{traced.cpu:.1f} CPU seconds, of {traced.requests} lost {traced.losses}")
        return traced

    def test_rows_and_losses_are_what_the_kernel_counted(self):
        self.run_load()

    def test_losses_in_a_small_buffer_are_told_of(self):
        losses = self.run_load("--buffer=4k", halts=True).losses
        self.assertNotEqual(losses.split()[0], "0", f"lost {losses}")
