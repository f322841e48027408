/*
 * The buffer through which records reach the tool. Set by the loader: RING_PAGES (or
 * PERF_BUFFER, for kernels without ring buffers); ENOUGH_EACH where records gather, in bytes.
 */
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
