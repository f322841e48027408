/*
 * disksnoop.c on the raw tracepoints of the block layer: the same hash of
 * requests, started at the issue and ended at the completion. The size and
 * the flags are taken at the issue, when they are what was asked for, and an
 * event goes through a ring buffer instead of trace_pipe. The records are those
 * of block_rq.h, whose text goes before this one.
 *
 * Set by the loader: START_ENTRIES, RING_PAGES (or PERF_BUFFER, for kernels
 * without ring buffers), and for one disk only DISK_WANTED, a condition on the
 * words of its name, with HAVE_RQ_DISK where struct request still has rq_disk
 * (before 5.17). ONLY_RQ where no tracepoint has a queue before its request: to
 * compile less is to start sooner.
 */
#include <uapi/linux/ptrace.h>
#include <linux/blk-mq.h>

BPF_HASH(start, struct request *, struct start_t, START_ENTRIES);
/* Those that it had no room for, so that their completion surprises nobody. */
BPF_TABLE("lru_hash", struct request *, u8, lost, 16384);
BPF_PERCPU_ARRAY(counts, u64, COUNTS);
/* When all hooks were attached; 0 where that is not known. */
BPF_ARRAY(since, u64, 1);
#ifdef PERF_BUFFER
BPF_PERF_OUTPUT(events);
#else
BPF_RINGBUF_OUTPUT(events, RING_PAGES);
#endif

/* Not bpf_probe_read_kernel, which kernels before 5.5 do not have. */
#define READ(to, from) bpf_probe_read(&(to), sizeof(to), &(from))

/* The operation; the kernel's own names are not among what struct request needs. */
#define OPERATION(cmd_flags) ((cmd_flags) & 0xff)
/* Read, write, discard, secure erase, write zeroes: so since 4.10 (enum req_op). */
#define HAS_BYTES(cmd_flags) (OPERATION(cmd_flags) < 32 && (0x22b >> OPERATION(cmd_flags) & 1))

/* Longer than any CPU takes from a request's tracepoint of issue to its mark. */
#define ISSUING_NS 1000000000

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

/* The request of this entry is gone; one that was given back went without a completion. */
static inline void forget(struct request *req, u32 requeued) {
	if (start.delete(&req) == 0 && !requeued)
		counts.increment(NOT_COMPLETED);
}

static inline int issue(struct request *req) {
	struct start_t s = {}, *before = start.lookup(&req);
	u8 here = 1;

	if (!wanted(req)) {
		/* The disks of one host have their requests in the same places. */
		if (before)
			forget(req, before->requeued);
		return 0;
	}
	READ(s.data_len, req->__data_len);
	READ(s.cmd_flags, req->cmd_flags);
	if (before) {
		/*
		 * Every way by which a driver gives a request back goes through
		 * block_rq_requeue. Else this is another request in its place: the
		 * completion of the one before was not seen. The kernel does not run
		 * a program that the completion interrupts itself (6.2 and later),
		 * and may not in the context of some tasks.
		 */
		if (!before->requeued) {
			counts.increment(NOT_COMPLETED);
		} else if (before->done && before->done + s.data_len == before->data_len) {
			/* The rest goes on under its first time and its whole size. */
			before->requeued = 0;
			return 0;
		}
	}
	s.ts = bpf_ktime_get_ns();
	if (start.update(&req, &s)) {
		counts.increment(LOST_IN_MAP);
		lost.update(&req, &here);
	}
	return 0;
}

/* Given back by the driver: what is issued next in its place is itself. */
static inline int requeue(struct request *req) {
	struct start_t *s = start.lookup(&req);

	if (s)
		s->requeued = 1;
	else if (lost.delete(&req) == 0)
		counts.increment(LOST_IN_MAP, -1);	/* counted again if it is lost again */
	return 0;
}

/* A completion without an entry in the hash. */
static inline int unexpected(struct request *req, int error, u32 nr_bytes, u32 left) {
	u32 cmd_flags = 0, state = 0;
	u64 allocated = 0, *begin;
	int zero = 0, cause = ISSUE_UNKNOWN, is_known, is_new;

	if (!wanted(req) || nr_bytes < left || lost.delete(&req) == 0)
		return 0;
	/*
	 * Without the bytes that it should have, a write is the end of a flush that
	 * was issued as another request; and one of dm-multipath ends again after its
	 * bytes did with those of its path (drivers/md/dm-rq.c, end_clone_bio).
	 */
	READ(cmd_flags, req->cmd_flags);
	if (!nr_bytes && HAS_BYTES(cmd_flags))
		return 0;
	/* Not stamped where the queue has iostats off and no scheduler. */
	READ(allocated, req->start_time_ns);
	READ(state, req->state);
	begin = since.lookup(&zero);
	is_known = begin && *begin && allocated;
	is_new = is_known && allocated > *begin;
	if (error && (is_new || state == MQ_RQ_IDLE))
		cause = FAILED_UNISSUED;
	else if (is_known)
		cause = is_new ? ISSUE_NOT_SHOWN : NOT_ISSUED;
	counts.increment(cause);
	return 0;
}

/* block_rq_issue(rq) */
int trace_start(struct bpf_raw_tracepoint_args *ctx) {
	return issue((struct request *)ctx->args[0]);
}

/* block_rq_requeue(rq) */
int trace_requeue(struct bpf_raw_tracepoint_args *ctx) {
	return requeue((struct request *)ctx->args[0]);
}

#ifndef ONLY_RQ
/* block_rq_issue(q, rq), before 5.11 */
int trace_start_q(struct bpf_raw_tracepoint_args *ctx) {
	return issue((struct request *)ctx->args[1]);
}

/* block_rq_requeue(q, rq), before 5.11 */
int trace_requeue_q(struct bpf_raw_tracepoint_args *ctx) {
	return requeue((struct request *)ctx->args[1]);
}
#endif

/* block_rq_complete(rq, error, nr_bytes) */
int trace_completion(struct bpf_raw_tracepoint_args *ctx) {
	struct request *req = (struct request *)ctx->args[0];
	u32 nr_bytes = ctx->args[2], left = 0;
	struct start_t *tsp;

	/* The kernel takes nr_bytes off __data_len only after this tracepoint. */
	READ(left, req->__data_len);
	tsp = start.lookup(&req);
	if (tsp == 0)
		return unexpected(req, ctx->args[1], nr_bytes, left);
	if (nr_bytes < left) {
		tsp->done += nr_bytes;
		return 0;
	}

#ifdef PERF_BUFFER
	struct event_t e = {};
	e.ts = bpf_ktime_get_ns();
	e.delta = e.ts - tsp->ts;
	e.data_len = tsp->data_len;
	e.cmd_flags = tsp->cmd_flags;
	if (events.perf_submit(ctx, &e, sizeof(e)))
		counts.increment(LOST_IN_BUFFER);
#else
	struct event_t *e = events.ringbuf_reserve(sizeof(struct event_t));
	if (e) {
		/* Taken in its place in the ring, past which nobody reads until it is
		 * submitted: however long that takes, no younger one is read before. */
		e->ts = bpf_ktime_get_ns();
		e->delta = e->ts - tsp->ts;
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

/*
 * The two that follow are not attached: the tool itself runs them, which kernels
 * since 5.10 let it do (BPF_PROG_TEST_RUN of a raw tracepoint's program).
 */

/* All hooks are attached. */
int begin(struct bpf_raw_tracepoint_args *ctx) {
	int zero = 0;
	u64 now = bpf_ktime_get_ns();

	since.update(&zero, &now);
	return 0;
}

/*
 * Whether the request of an entry is still in flight: 1 and its age in ms, else 0,
 * and then the entry is gone. What lies at its address may have become anything
 * by now, so all must agree. A request that is freed has no reference, and is
 * idle; one that was given back is idle, but has one.
 */
int ask(struct bpf_raw_tracepoint_args *ctx) {
	struct request *req = (struct request *)ctx->args[0];
	u32 references = 0, state = 0, left = 0, cmd_flags = 0;
	struct start_t *s = start.lookup(&req), before;
	u64 age;

	if (s == 0)
		return 0;
	before = *s;
	READ(references, req->ref);
	READ(state, req->state);
	READ(left, req->__data_len);
	READ(cmd_flags, req->cmd_flags);
	age = bpf_ktime_get_ns() - before.ts;
	/* The kernel marks it as in flight a moment after the tracepoint. */
	if (before.requeued || age < ISSUING_NS)
		state = state == MQ_RQ_IDLE ? MQ_RQ_IN_FLIGHT : state;
	if (references && (state == MQ_RQ_IN_FLIGHT || state == MQ_RQ_COMPLETE) &&
	    left <= before.data_len && OPERATION(cmd_flags) == OPERATION(before.cmd_flags) &&
	    wanted(req))
		return 1 + age / 1000000;
	/* It may have completed meanwhile: its entry goes before it is freed. */
	s = start.lookup(&req);
	if (s == 0)
		return 0;
	if (s->ts != before.ts)
		return 1;	/* and another one was issued */
	forget(req, before.requeued);
	return 0;
}
