/*
 * Where issued requests wait for their completion, each under its address. An array has
 * two slots for each place, and the place follows from the address. A request that finds
 * both taken goes into a hash; all do where there are no slots (tracepoint/slots.h).
 *
 * One CPU at a time has a given request: what is done with it between its issue and
 * its end is in an order that the kernel keeps. So only what several requests may want
 * is contested, which are the free slots. Where programs have no compare-and-exchange
 * (before 5.12), a slot that has been claimed once is kept for what is issued at the same
 * address again, as the kernel does with each tag, until the tool takes it back.
 *
 * Set by the loader: START_ENTRIES, for so many requests there is room; BUCKET_BITS where
 * there are slots, and COMPARE_AND_EXCHANGE where there is one. struct entry_t is of the glue before it.
 */
BPF_HASH(start, u64, struct entry_t, START_ENTRIES);
/* What an entry of the hash begins as: its time is 0 until all of it is written. */
BPF_ARRAY(no_entry, struct entry_t, 1);

#ifdef BUCKET_BITS
struct bucket_t {
	u64 requests[SLOTS_EACH];	/* 0: free; with a mark of slot_mark_t: not in flight */
	struct entry_t entries[SLOTS_EACH];
};
BPF_F_TABLE("array", u32, struct bucket_t, buckets, 1 << BUCKET_BITS, BPF_F_MMAPABLE);
/* How many are in the hash now: it is not looked into for nothing. */
BPF_ARRAY(hashed, u64, 1);

/* All before it is seen before it. On x86 stores are seen in their order. */
#ifdef __x86_64__
#define PUBLISH(to, value) do { asm volatile("" ::: "memory"); *(volatile u64 *)(to) = (value); } while (0)
#else
#define PUBLISH(to, value) __sync_lock_test_and_set(to, value)
#endif

/* 1 or 0 without a branch, or the verifier goes through what follows for each of the two. */
static inline u32 is_other(u64 word, u64 request) {
	u64 other = word ^ request;

#ifndef COMPARE_AND_EXCHANGE
	other &= ~(u64)AT_REST;
#endif
	other |= -other;
	asm volatile("" : "+r"(other));
	return other >> 63;
}

/* The first one, if that has this or is kept for it, else the second one, whatever it has. */
static inline u32 slot_of(struct bucket_t *bucket, u64 request) {
	return is_other(bucket->requests[0], request);
}

static inline struct bucket_t *bucket_of(u64 request) {
	u32 place = (request >> 6) * 0x9e3779b97f4a7c15ULL >> (64 - BUCKET_BITS);

	return buckets.lookup(&place);
}

#ifdef COMPARE_AND_EXCHANGE
#define slot_for(bucket, request) slot_of(bucket, 0)

static inline int claim(u64 *slot, u64 request) {
	return !*slot && !__sync_val_compare_and_swap(slot, 0, request | BEING_PUT);
}

static inline int release(u64 *slot, u64 request) {
	return __sync_val_compare_and_swap(slot, request, 0) == request;
}
#else
/* How many are about to claim a free slot. Of several who add to it at once, at most one then
 * sees that it is alone, and none waits: what claims no slot goes into the hash. */
BPF_ARRAY(claiming, u64, 1);

/* The one that is kept for it, else the first one, if that is free, else the second one. */
static inline u32 slot_for(struct bucket_t *bucket, u64 request) {
	u64 first = bucket->requests[0];
	u32 second_is_its = !is_other(bucket->requests[1], request);

	return is_other(first, request) & (is_other(first, 0) | second_is_its);
}

static inline int claim(u64 *slot, u64 request) {
	int zero = 0, is_claimed = 0;
	u64 *all;

	if (*slot == (request | AT_REST))
		return 1;
	all = claiming.lookup(&zero);
	if (*slot || !all)
		return 0;
	__sync_fetch_and_add(all, 1);
	if (*(volatile u64 *)all == 1 && !*(volatile u64 *)slot) {
		*(volatile u64 *)slot = request | AT_REST;
		is_claimed = 1;
	}
	__sync_fetch_and_add(all, -1);
	return is_claimed;
}

static inline int release(u64 *slot, u64 request) {
	PUBLISH(slot, request | AT_REST);
	return 1;
}
#endif
#endif

/*
 * How many there are, where a filter takes a request at its issue only: while none is kept,
 * none is looked for. Some may be counted that are gone, but none that is there is not.
 */
#ifdef WANTED_IS_KNOWN_AT_ISSUE
BPF_ARRAY(entries_kept, u64, 1);

static inline void count_entries(s64 more) {
	int zero = 0;
	u64 *kept = entries_kept.lookup(&zero);

	if (kept)
		__sync_fetch_and_add(kept, more);
}

static inline int has_entries(void) {
	int zero = 0;
	u64 *kept = entries_kept.lookup(&zero);

	return !kept || *kept;
}
#else
#define count_entries(more)
#define has_entries() 1
#endif

static inline struct entry_t *find_entry(u64 request) {
	if (!has_entries())
		return 0;
#ifdef BUCKET_BITS
	struct bucket_t *bucket = bucket_of(request);
	int zero = 0;
	u64 *in_hash;
	u32 slot;

	if (!bucket)
		return 0;
	slot = slot_of(bucket, request);
	if (bucket->requests[slot] == request)
		return &bucket->entries[slot];
#ifndef COMPARE_AND_EXCHANGE
	if (bucket->requests[slot] == (request | AT_REST))
		return 0;
#endif
	in_hash = hashed.lookup(&zero);
	if (!in_hash || !*in_hash)
		return 0;
#endif
	return start.lookup(&request);
}

/*
 * The entry of a request that has none yet, all 0, to be written in its place; 0: there is
 * no room. In a slot it is there for others only once it is published.
 */
static inline struct entry_t *make_entry(u64 request, u64 **claimed) {
	int zero = 0;
	struct entry_t *empty, *entry;
#ifdef BUCKET_BITS
	struct bucket_t *bucket = bucket_of(request);
	u64 *in_hash;
	u32 slot;

	if (!bucket)
		return 0;
	slot = slot_for(bucket, request);
	if (claim(&bucket->requests[slot], request)) {
		count_entries(1);
		*claimed = &bucket->requests[slot];
		entry = &bucket->entries[slot];
		*entry = (struct entry_t){};
		return entry;
	}
	in_hash = hashed.lookup(&zero);
	if (!in_hash)
		return 0;
	__sync_fetch_and_add(in_hash, 1);
	counts.increment(WITHOUT_SLOT);
#endif
	empty = no_entry.lookup(&zero);
	entry = empty && !start.update(&request, empty) ? start.lookup(&request) : 0;
	if (entry) {
		count_entries(1);
		return entry;
	}
#ifdef BUCKET_BITS
	__sync_fetch_and_add(in_hash, -1);
	counts.increment(WITHOUT_SLOT, -1);
#endif
	return 0;
}

static inline int take_entry(u64 request) {
#ifdef BUCKET_BITS
	struct bucket_t *bucket = bucket_of(request);
	int zero = 0;
	u64 *in_hash;
	u32 slot;

	if (!bucket)
		return 0;
	slot = slot_of(bucket, request);
	if (bucket->requests[slot] == request)
		return release(&bucket->requests[slot], request);
	if (start.delete(&request))
		return 0;
	in_hash = hashed.lookup(&zero);
	if (in_hash)
		__sync_fetch_and_add(in_hash, -1);
	return 1;
#else
	return start.delete(&request) == 0;
#endif
}

/* Of several who want its end, one has it: for the others it was not there. */
static inline int end_entry(u64 request) {
	if (!take_entry(request))
		return 0;
	count_entries(-1);
	return 1;
}

/*
 * The same for `ask`, which has a request that is gone while another may be issued in its place.
 * Without a compare-and-exchange both may have its end, so that it stays counted as kept.
 */
static inline int end_gone_entry(u64 request) {
#if defined(BUCKET_BITS) && !defined(COMPARE_AND_EXCHANGE)
	return take_entry(request);
#else
	return end_entry(request);
#endif
}
