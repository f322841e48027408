/*
 * What block_rq.c and its parts stand on. Set by the loader: RING_PAGES (or
 * PERF_BUFFER, for kernels without ring buffers).
 */
#include <uapi/linux/ptrace.h>
#include <linux/blk-mq.h>

BPF_PERCPU_ARRAY(counts, u64, COUNTS);
#ifdef PERF_BUFFER
BPF_PERF_OUTPUT(events);
#else
BPF_RINGBUF_OUTPUT(events, RING_PAGES);
#endif

/* Not bpf_probe_read_kernel, which kernels before 5.5 do not have. */
#define READ(to, from) bpf_probe_read(&(to), sizeof(to), &(from))
