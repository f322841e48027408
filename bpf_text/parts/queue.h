/* queue: when a request was allocated, from which it waited for its issue. */
struct queue_part {
	unsigned long long allocated_ns;	/* 0: not known */
};

#ifndef __cplusplus
static inline void queue_at_issue(void *ctx, struct request *req, struct queue_part *part) {
	part->allocated_ns = allocated_at(req);
}
#endif
