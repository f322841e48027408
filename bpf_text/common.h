/*
 * What block_rq.c and its parts stand on. Set by the loader: RING_PAGES (or
 * PERF_BUFFER, for kernels without ring buffers), and STAMPED where the kernel says
 * by flags which requests it has stamped (6.11 and later); ENOUGH_EACH where records
 * gather, in bytes.
 */
#include <uapi/linux/ptrace.h>
#include <linux/blk-mq.h>

BPF_PERCPU_ARRAY(counts, u64, COUNTS);
#ifdef PERF_BUFFER
BPF_PERF_OUTPUT(events);
#else
BPF_RINGBUF_OUTPUT(events, RING_PAGES);
#endif

/*
 * The flags with which a record of so many bytes is submitted. With 0 the kernel wakes the
 * reader if it had read all before this one. While records gather (--max-delay) it is not
 * woken, until this CPU has written ENOUGH_EACH bytes: then it always is. The record is
 * reserved before `gathering` is read, or the reader could go to sleep in between.
 */
#ifdef ENOUGH_EACH
BPF_F_TABLE("array", u32, u64, gathering, 1, BPF_F_MMAPABLE);

static inline u64 record_flags(u64 size) {
	int zero = 0, gathered = GATHERED;
	u64 *bytes = counts.lookup(&gathered), *is_gathering = gathering.lookup(&zero);

	if (!bytes || !is_gathering)
		return 0;
	*bytes += size + BPF_RINGBUF_HDR_SZ;
	if (*bytes < ENOUGH_EACH)
		return *is_gathering ? BPF_RB_NO_WAKEUP : 0;
	*bytes = 0;
	return BPF_RB_FORCE_WAKEUP;
}
#else
#define record_flags(size) 0
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

/*
 * What is read at the issue. What is needed of a request lies together, and is read at
 * once; so is what parts need of its first bio (parts/bio.h).
 */
#define REQUEST_BEGIN (__builtin_offsetof(struct request, cmd_flags) & ~7UL)
#ifdef REQUEST_LAST
#define REQUEST_END (__builtin_offsetof(struct request, REQUEST_LAST) + 8)
#else
#define REQUEST_END (__builtin_offsetof(struct request, biotail) + 8)
#endif

#define MEMBER(bytes, type, member, begin) \
	(*(__typeof__(((type *)0)->member) *)((bytes) + __builtin_offsetof(type, member) - (begin)))
#define OF_REQUEST(issued, member) MEMBER((issued)->request, struct request, member, REQUEST_BEGIN)

struct issued_t {
	struct request *req;
	char request[REQUEST_END - REQUEST_BEGIN] __attribute__((aligned(8)));
#ifdef BIO_BEGIN
	char bio[BIO_END - BIO_BEGIN] __attribute__((aligned(8)));
#endif
#ifdef PROCESS_FILTER
	u64 submitter[3];	/* struct submitter_part */
#endif
};

static inline void read_issued(struct issued_t *issued, struct request *req) {
	issued->req = req;
	bpf_probe_read(issued->request, sizeof(issued->request), (char *)req + REQUEST_BEGIN);
#ifdef BIO_BEGIN
	/* Without a bio too: then all of it is 0, which the verifier need not tell apart. */
	bpf_probe_read(issued->bio, sizeof(issued->bio), (char *)OF_REQUEST(issued, bio) + BIO_BEGIN);
#endif
}
