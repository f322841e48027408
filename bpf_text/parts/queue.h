/* queue: when a request was allocated, from which it waited for its issue. */
struct queue_part {
	unsigned long long allocated_ns;	/* 0 where the queue has iostats off and no scheduler */
};

#ifndef __cplusplus
static inline void queue_at_issue(void *ctx, struct request *req, struct queue_part *part) {
	READ(part->allocated_ns, req->start_time_ns);
}
#endif
