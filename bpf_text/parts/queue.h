/*
 * queue: when a request was allocated, from which it waited for its issue. REQUEST_LAST,
 * start_time_ns, where that is read with the other members.
 */
struct queue_part {
	unsigned long long allocated_ns;	/* 0: not known */
};

#ifndef __cplusplus
static inline void queue_at_issue(void *ctx, struct issued_t *issued, struct queue_part *part) {
#ifdef STAMPED
	if (!(OF_REQUEST(issued, rq_flags) & (STAMPED)))
		return;
#endif
#ifdef REQUEST_LAST
	part->allocated_ns = OF_REQUEST(issued, start_time_ns);
#else
	READ(part->allocated_ns, issued->req->start_time_ns);
#endif
}
#endif
