/*
 * rows: a record of each completed request, through the buffer of events.h. What joins the
 * parts gives struct record_t, and AT_COMPLETION(req, error, record, entry): what they took
 * at the issue, and take now.
 */
static inline void fill(struct record_t *r, struct entry_t *entry) {
	r->event.delta = r->event.ts - entry->start.ts;
	r->event.data_len = entry->start.data_len;
	r->event.cmd_flags = entry->start.cmd_flags;
}

/* How long it took in the device, ns: as the record has it. Of one that is lost nobody asks
 * but a summary. */
static inline u64 send_record(void *ctx, struct request *req, int error, struct entry_t *entry) {
#ifdef PERF_BUFFER
	struct record_t r = {};

	r.event.ts = bpf_ktime_get_ns();
	fill(&r, entry);
	AT_COMPLETION(req, error, r, entry);
	if (events.perf_submit(ctx, &r, sizeof(r)))
		counts.increment(LOST_IN_BUFFER);
	return r.event.delta;
#else
	struct record_t *r = events.ringbuf_reserve(sizeof(struct record_t));
	u64 ns;

	if (!r) {
		counts.increment(LOST_IN_BUFFER);
#ifdef WITH_SUMMARY
		return bpf_ktime_get_ns() - entry->start.ts;
#else
		return 0;
#endif
	}
	/* Taken in its place in the ring, past which nobody reads until it is
	 * submitted: however long that takes, no younger one is read before. */
	r->event.ts = bpf_ktime_get_ns();
	fill(r, entry);
	ns = r->event.delta;
	AT_COMPLETION(req, error, *r, entry);
	events.ringbuf_submit(r, record_flags(sizeof(*r)));
	return ns;
#endif
}
