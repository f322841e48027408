/*
 * disksnoop.c on the raw tracepoints of the block layer: the same hash of
 * requests, started at the issue and ended at the completion. The size and
 * the flags are taken at the issue, when they are what was asked for, and an
 * event goes through a ring buffer instead of trace_pipe.
 *
 * Set by the loader: START_ENTRIES, RING_PAGES (or PERF_BUFFER, for kernels
 * without ring buffers), and for one disk only DISK_WANTED, a condition on the
 * words of its name, with HAVE_RQ_DISK where struct request still has rq_disk
 * (before 5.17).
 */
#include <uapi/linux/ptrace.h>
#include <linux/blk-mq.h>

struct start_t {
	u64 ts;
	u32 data_len;
	u32 cmd_flags;
	u32 done;	/* bytes completed so far, of a request completed in parts */
	u32 unused;
};

struct event_t {
	u64 ts;
	u64 delta;
	u32 data_len;
	u32 cmd_flags;
};

enum count_t { LOST_IN_BUFFER, LOST_IN_MAP, NOT_ISSUED, NOT_COMPLETED, COUNTS };

BPF_HASH(start, struct request *, struct start_t, START_ENTRIES);
BPF_PERCPU_ARRAY(counts, u64, COUNTS);
#ifdef PERF_BUFFER
BPF_PERF_OUTPUT(events);
#else
BPF_RINGBUF_OUTPUT(events, RING_PAGES);
#endif

/* Not bpf_probe_read_kernel, which kernels before 5.5 do not have. */
#define READ(to, from) bpf_probe_read(&(to), sizeof(to), &(from))

/* Whether the request is for the disk that was asked for. */
static inline int wanted(struct request *req) {
#ifdef DISK_WANTED
	struct gendisk *disk = 0;
	u64 name[4] = {};	/* DISK_NAME_LEN bytes */

#ifdef HAVE_RQ_DISK
	READ(disk, req->rq_disk);
#else
	struct request_queue *q = 0;
	READ(q, req->q);
	READ(disk, q->disk);
#endif
	READ(name, disk->disk_name);
	return DISK_WANTED;
#else
	return 1;
#endif
}

static inline int issue(struct request *req) {
	struct start_t s = {}, *before;
	u64 allocated = 0;

	if (!wanted(req))
		return 0;
	READ(s.data_len, req->__data_len);
	READ(s.cmd_flags, req->cmd_flags);
	/*
	 * Issued again: the rest of a request that was completed in part goes on
	 * under its first time and its whole size. Any other one starts anew.
	 */
	before = start.lookup(&req);
	if (before && before->done && before->done + s.data_len == before->data_len)
		return 0;
	/*
	 * Allocated since then: the completion of the one before was not seen. The
	 * kernel does not run a program that the completion interrupts itself (6.2
	 * and later), and may not in the context of some tasks. A request that was
	 * requeued is the one of then.
	 */
	if (before) {
		READ(allocated, req->start_time_ns);
		if (allocated > before->ts)
			counts.increment(NOT_COMPLETED);
	}
	s.ts = bpf_ktime_get_ns();
	if (start.update(&req, &s))
		counts.increment(LOST_IN_MAP);
	return 0;
}

/* block_rq_issue(rq) */
int trace_start(struct bpf_raw_tracepoint_args *ctx) {
	return issue((struct request *)ctx->args[0]);
}

/* block_rq_issue(q, rq), before 5.11 */
int trace_start_q(struct bpf_raw_tracepoint_args *ctx) {
	return issue((struct request *)ctx->args[1]);
}

/* block_rq_complete(rq, error, nr_bytes) */
int trace_completion(struct bpf_raw_tracepoint_args *ctx) {
	struct request *req = (struct request *)ctx->args[0];
	u32 nr_bytes = ctx->args[2], left = 0;
	struct start_t *tsp;

	tsp = start.lookup(&req);
	if (tsp == 0) {
		/* With no bytes it is the end of a flush that was issued as another request. */
		if (nr_bytes && wanted(req))
			counts.increment(NOT_ISSUED);
		return 0;
	}
	/* The kernel takes nr_bytes off __data_len only after this tracepoint. */
	READ(left, req->__data_len);
	if (nr_bytes < left) {
		tsp->done += nr_bytes;
		return 0;
	}

	u64 ts = bpf_ktime_get_ns();
#ifdef PERF_BUFFER
	struct event_t e = {};
	e.ts = ts;
	e.delta = ts - tsp->ts;
	e.data_len = tsp->data_len;
	e.cmd_flags = tsp->cmd_flags;
	if (events.perf_submit(ctx, &e, sizeof(e)))
		counts.increment(LOST_IN_BUFFER);
#else
	struct event_t *e = events.ringbuf_reserve(sizeof(struct event_t));
	if (e) {
		e->ts = ts;
		e->delta = ts - tsp->ts;
		e->data_len = tsp->data_len;
		e->cmd_flags = tsp->cmd_flags;
		events.ringbuf_submit(e, 0);
	} else {
		counts.increment(LOST_IN_BUFFER);
	}
#endif
	start.delete(&req);
	return 0;
}
