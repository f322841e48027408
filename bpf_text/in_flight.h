/*
 * Where issued requests wait for their completion, each under its address. An array has
 * two slots for each place, and the place follows from the address. A request that finds
 * both taken goes into a hash; all do where programs have no compare-and-exchange (before
 * 5.12).
 *
 * One CPU at a time has a given request: what is done with it between its issue and
 * its end is in an order that the kernel keeps. So only what several requests may want
 * is contested, which are the free slots.
 *
 * Set by the loader: START_ENTRIES, and BUCKET_BITS where there are slots. struct
 * entry_t is of the glue before it.
 */
BPF_HASH(start, u64, struct entry_t, START_ENTRIES);
/* What an entry of the hash begins as: its time is 0 until all of it is written. */
BPF_ARRAY(no_entry, struct entry_t, 1);

#ifdef BUCKET_BITS
struct bucket_t {
	u64 requests[SLOTS_EACH];	/* 0: free; odd: one is being put here */
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

/* The first one, if that has this, else the second one, whatever it has. */
static inline u32 slot_of(struct bucket_t *bucket, u64 request) {
	u64 other = bucket->requests[0] ^ request;

	/* Without a branch, or the verifier goes through what follows for each of the two. */
	other |= -other;
	asm volatile("" : "+r"(other));
	return other >> 63;
}

static inline struct bucket_t *bucket_of(u64 request) {
	u32 place = (request >> 6) * 0x9e3779b97f4a7c15ULL >> (64 - BUCKET_BITS);

	return buckets.lookup(&place);
}
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
	slot = slot_of(bucket, 0);
	if (!bucket->requests[slot] &&
	    !__sync_val_compare_and_swap(&bucket->requests[slot], 0, request | 1)) {
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
		return __sync_val_compare_and_swap(&bucket->requests[slot], request, 0) == request;
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
