/*
 * What block_rq.c and its parts stand on. Set by the loader: RING_PAGES (or
 * PERF_BUFFER, for kernels without ring buffers), and STAMPED where the kernel says
 * by flags which requests it has stamped (6.11 and later).
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

/*
 * When a request was allocated; 0 where that is not known: its queue has iostats off
 * (and before 6.13 no scheduler). What is there then is of an earlier request in its
 * place, in a kernel that does not clear it (seen on 6.18).
 */
static inline u64 allocated_at(struct request *req) {
	u64 ns = 0;
#ifdef STAMPED
	u32 flags = 0;

	READ(flags, req->rq_flags);
	if (!(flags & (STAMPED)))
		return 0;
#endif
	READ(ns, req->start_time_ns);
	return ns;
}
