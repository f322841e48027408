/*
 * disksnoop.c on the raw tracepoints of the block layer: the same hash of
 * requests, started at the issue and ended at the completion. The size and
 * the flags are taken at the issue, when they are what was asked for, and a completed
 * request becomes a record (rows.h) or is counted in a line (summary.h), not text
 * in trace_pipe.
 *
 * Before this text go block_rq.h, common.h, events.h where anything is sent, of parts/
 * those that something was asked for, what joins them, in_flight.h, and rows.h or
 * summary.h. What joins them: struct entry_t, and the macros
 *
 *   WANTED(req)                      whether the request by itself is one that was asked for
 *   LEAVE_OUT(req)                   forgets what is kept of one that is not, before its issue
 *   MAY_BE_WANTED(req)               false if none can be that is issued now
 *   WANTED_AT_ISSUE(ctx, issued)     whether it is by what is known at its issue only
 *   AT_ISSUE(ctx, issued, entry)     what the parts take at the issue
 *   DELIVER(ctx, req, error, entry)  hands over a completed request
 *
 * and where something was asked for that only a completion tells
 *
 *   KEPT(ns, error)                  whether it is one that was asked for
 *
 * and where lines stand for disks
 *
 *   TELL_DISK(req)                   tells the tool the disk of a request in flight
 *
 * Set by the loader: ONLY_RQ where no tracepoint has a queue before its request, as to
 * compile less is to start sooner.
 */
/* Those that there was no room for, so that their completion surprises nobody. Where a filter
 * takes a request at its issue only, nobody is surprised by one. */
#ifndef WANTED_IS_KNOWN_AT_ISSUE
BPF_TABLE("lru_hash", u64, u8, lost, START_ENTRIES > 32768 ? START_ENTRIES / 2 : 16384);

static inline void remember_lost(u64 request) {
	u8 here = 1;

	lost.update(&request, &here);
}

static inline int forget_lost(u64 request) {
	return lost.delete(&request) == 0;
}
#else
#define remember_lost(request)
#define forget_lost(request) 0
#endif
/* When all hooks were attached; 0 where that is not known. */
BPF_ARRAY(since, u64, 1);

/* The operation; the kernel's own names are not among what struct request needs. */
#define OPERATION(cmd_flags) ((cmd_flags) & 0xff)
/* Read, write, discard, secure erase, write zeroes: so since 4.10 (enum req_op). */
#define HAS_BYTES(cmd_flags) (OPERATION(cmd_flags) < 32 && (0x22b >> OPERATION(cmd_flags) & 1))

/* Longer than any CPU takes from a request's tracepoint of issue to its mark. */
#define ISSUING_NS 1000000000

static inline int filtered(void) {
	counts.increment(FILTERED);
	return 0;
}

/* The same request as before: what the parts took stays. */
static inline int issue_again(struct issued_t *issued, struct start_t *start) {
	u32 data_len = OF_REQUEST(issued, __data_len);

	start->requeued = 0;
	/* The rest of one completed in parts goes on under its first time and whole size. */
	if (start->done && start->done + data_len == start->data_len)
		return 0;
	start->done = 0;
	start->data_len = data_len;
	start->cmd_flags = OF_REQUEST(issued, cmd_flags);
	start->ts = bpf_ktime_get_ns();
	return 0;
}

static inline int issue(void *ctx, u64 request) {
	struct request *req = AS(request, request);
	struct entry_t *entry, *before;
	struct issued_t issued;
	u64 *claimed = 0;

	/* Its completion is not looked for: what has its place is not taken for it. */
	if (!WANTED(req)) {
		LEAVE_OUT(req);
		return filtered();
	}
	before = find_entry(request);
	/*
	 * Every way by which a driver gives a request back goes through
	 * block_rq_requeue. Else this is another request in its place, maybe one of
	 * another disk of its host: the completion of the one before was not seen. The
	 * kernel does not run a program that the completion interrupts itself (6.2 and
	 * later), and may not in the context of some tasks. Or it was a bio (block_bio.h).
	 */
	if (before && before->start.requeued != GIVEN_BACK) {
		if (end_entry(request))
			counts.increment(NOT_COMPLETED);
		before = 0;
	}
	if (!before && !MAY_BE_WANTED(req))
		return filtered();
	read_issued(&issued, req, request);
	if (before)
		return issue_again(&issued, &before->start);
	if (!WANTED_AT_ISSUE(ctx, &issued))
		return filtered();
	entry = make_entry(request, &claimed);
	if (!entry) {
		counts.increment(LOST_IN_MAP);
		remember_lost(request);
		return 0;
	}
	AT_ISSUE(ctx, &issued, *entry);
	entry->start.data_len = OF_REQUEST(&issued, __data_len);
	entry->start.cmd_flags = OF_REQUEST(&issued, cmd_flags);
	entry->start.ts = bpf_ktime_get_ns();
	if (claimed)
		PUBLISH(claimed, request);
	return 0;
}

/* Given back by the driver: what is issued next in its place is itself. */
static inline int requeue(u64 request) {
	struct request *req = AS(request, request);
	struct entry_t *entry;

	if (!WANTED(req))
		return 0;
	entry = find_entry(request);
	if (entry)
		entry->start.requeued = GIVEN_BACK;
	else if (forget_lost(request))
		counts.increment(LOST_IN_MAP, -1);	/* counted again if it is lost again */
	return 0;
}

/* The kernel takes what a completion brings off this only after the tracepoint. */
static inline u32 bytes_left(struct request *req) {
	u32 left = 0;

	READ(left, req->__data_len);
	return left;
}

/* A completion without an entry. */
static inline int unexpected(struct request *req, u64 request, int error, u32 nr_bytes) {
	u32 cmd_flags = 0, state = 0;
	u64 allocated = 0, *begin;
	int zero = 0, cause = ISSUE_UNKNOWN, is_known, is_new;

#ifdef WANTED_IS_KNOWN_AT_ISSUE
	return 0;	/* or it was filtered, which nobody can tell any more */
#endif
	if (nr_bytes < bytes_left(req) || forget_lost(request))
		return 0;
	/*
	 * Without the bytes that it should have, a write is the end of a flush that
	 * was issued as another request; and one of dm-multipath ends again after its
	 * bytes did with those of its path (drivers/md/dm-rq.c, end_clone_bio).
	 */
	READ(cmd_flags, req->cmd_flags);
	if (!nr_bytes && HAS_BYTES(cmd_flags))
		return 0;
	allocated = allocated_at(req);
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
	return issue(ctx, ctx->args[0]);
}

/* block_rq_requeue(rq) */
int trace_requeue(struct bpf_raw_tracepoint_args *ctx) {
	return requeue(ctx->args[0]);
}

#ifndef ONLY_RQ
/* block_rq_issue(q, rq), before 5.11 */
int trace_start_q(struct bpf_raw_tracepoint_args *ctx) {
	return issue(ctx, ctx->args[1]);
}

/* block_rq_requeue(q, rq), before 5.11 */
int trace_requeue_q(struct bpf_raw_tracepoint_args *ctx) {
	return requeue(ctx->args[1]);
}
#endif

#ifdef KEPT
/* One of those that are not asked for, now that it has completed. */
static inline int is_filtered(struct entry_t *entry, int error) {
	if (KEPT(bpf_ktime_get_ns() - entry->start.ts, error))
		return 0;
	filtered();
	return 1;
}
#else
#define is_filtered(entry, error) 0
#endif

/* block_rq_complete(rq, error, nr_bytes) */
int trace_completion(struct bpf_raw_tracepoint_args *ctx) {
	u64 request = ctx->args[0];
	struct request *req = AS(request, request);
	u32 nr_bytes = ctx->args[2];
	struct entry_t *entry;

	if (!WANTED(req))
		return 0;
	entry = find_entry(request);
	if (entry == 0)
		return unexpected(req, request, ctx->args[1], nr_bytes);
	/* A part before this one may not have been seen. */
	if (nr_bytes < entry->start.data_len - entry->start.done && nr_bytes < bytes_left(req)) {
		entry->start.done += nr_bytes;
		return 0;
	}
	if (is_filtered(entry, ctx->args[1])) {
		end_entry(request);
		return 0;
	}

	DELIVER(ctx, req, (int)ctx->args[1], entry);
	end_entry(request);
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

#ifndef TELL_DISK
#define TELL_DISK(req)
#endif

/*
 * Whether the request of an entry is still in flight: 1 and its age in ms, else 0,
 * and then the entry is gone. What lies at its address may have become anything
 * by now, so all must agree. A request that is freed has no reference, and is
 * idle; one that was given back is idle, but has one.
 */
int ask(struct bpf_raw_tracepoint_args *ctx) {
	u64 request = ctx->args[0];
	struct request *req = AS(request, request);
	u32 references = 0, state = 0, left = 0, cmd_flags = 0;
	struct entry_t *entry = find_entry(request);
	struct start_t before;
	u64 age;

	if (entry == 0)
		return 0;
	before = entry->start;
	if (!before.ts)
		return 1;	/* it is being written */
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
	    WANTED(req)) {
		TELL_DISK(req);
		return 1 + age / 1000000;
	}
	/* It may have completed meanwhile: its entry goes before it is freed. */
	if (entry->start.ts != before.ts)
		return 1;	/* and another one was issued */
	/* One that was given back went without a completion. */
	if (end_gone_entry(request) && !before.requeued)
		counts.increment(NOT_COMPLETED);
	return 0;
}
