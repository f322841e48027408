/*
 * The buckets in which times are counted, for summary.h and for the tool. Each doubling
 * from 1.024 µs to 2^40 ns (18 minutes) has 32 of one width, so that a bucket is at most
 * 1/32 as wide as the times in it are long; below it one is 32 ns wide. The last bucket
 * has what takes longer.
 */
#ifndef DISKSNOOP_BUCKETS_H
#define DISKSNOOP_BUCKETS_H

#define BUCKETS_EACH_BITS 5
#define BUCKETS_EACH (1 << BUCKETS_EACH_BITS)
#define FIRST_DOUBLING 10
#define DOUBLINGS 30
#define BUCKETS (BUCKETS_EACH + DOUBLINGS * BUCKETS_EACH + 1)

/* The number of the bucket of a time in ns. */
static inline unsigned int bucket_of_ns(unsigned long long ns) {
	unsigned long long doublings = ns >> FIRST_DOUBLING;
	unsigned int doubling = 0;

	if (!doublings)
		return (unsigned int)(ns >> (FIRST_DOUBLING - BUCKETS_EACH_BITS));
	if (doublings >> DOUBLINGS)
		return BUCKETS - 1;
	if (doublings >> 16) { doublings >>= 16; doubling += 16; }
	if (doublings >> 8) { doublings >>= 8; doubling += 8; }
	if (doublings >> 4) { doublings >>= 4; doubling += 4; }
	if (doublings >> 2) { doublings >>= 2; doubling += 2; }
	if (doublings >> 1) doubling += 1;
	return (doubling + 1) * BUCKETS_EACH +
	       ((unsigned int)(ns >> (doubling + FIRST_DOUBLING - BUCKETS_EACH_BITS)) &
		(BUCKETS_EACH - 1));
}

#endif
